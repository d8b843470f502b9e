import { type Affine, affineMapping } from './affine.js'
import type { FeatureStatistics } from './feature-statistics.js'
import type { Mapping } from './mapping.js'
import { Scaler } from './scaler.js'

/** A scaler that shifts and divides. The subclasses say by what. */
export abstract class AffineScaler extends Scaler {
  protected abstract affineOf(feature: FeatureStatistics, label: string): Affine

  protected override mappingOf(features: readonly FeatureStatistics[], labels: readonly string[]): Mapping {
    return affineMapping(
      features.map((feature, index) => this.affineOf(feature, labels[index]!)),
      labels,
    )
  }
}
