import { type Affine, standardAffine } from './affine.js'
import { AffineScaler } from './affine-scaler.js'
import { checkAxis, type ScalerAxis } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'

/** Options of `StandardScaler`. */
export interface StandardScalerArgs extends CommonArgs {
  /** `'channel'` (default): one mean and deviation per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
}

/** The saved state of a `StandardScaler`, as JSON. */
export type StandardScalerState = ScalerState<'standard', { axis: ScalerAxis }>

/**
 * Scales inputs to zero mean and unit deviation: `(x − mean) / std`, with the statistics of the training data.
 *
 * Use it before training, and reuse the same fitted scaler (saved with `toJSON`) for validation, test and serving. The
 * deviation is the population one. A constant feature is only centred, by the rule of scikit-learn's StandardScaler:
 * its divisor is 1.
 *
 * Shapes: any `[..., features]` with `axis: 'channel'`, any shape with `axis: 'all'`. No variables, nothing to dispose.
 */
export class StandardScaler extends AffineScaler {
  readonly kind = 'standard'
  readonly axis: ScalerAxis

  constructor({ axis = 'channel', ...common }: StandardScalerArgs = {}) {
    super('StandardScaler', checkAxis('StandardScaler', axis), common)
    this.axis = axis
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): StandardScaler {
    const { settings, ...saved } = readState('StandardScaler.fromJSON', state, 'standard')
    return new StandardScaler({ ...settings, ...saved }).restore(saved)
  }

  override toJSON(): StandardScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings() {
    return { axis: this.axis }
  }

  protected override twin(args: CommonArgs) {
    return new StandardScaler({ ...this.settings(), ...args }) as this
  }

  protected override affineOf(feature: FeatureStatistics): Affine {
    return standardAffine(feature)
  }
}
