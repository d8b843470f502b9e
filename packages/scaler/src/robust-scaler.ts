import { type Affine, distanceBetween, hasSpread } from './affine.js'
import { AffineScaler } from './affine-scaler.js'
import { checkAxis, checkRange, type ScalerAxis } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { checkRowWeights, checkSketchSize } from './row-weights.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'

/** Options of `RobustScaler`. */
export interface RobustScalerArgs extends CommonArgs {
  /** `'channel'` (default): one median and range per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
  /** The quantiles whose distance is the divisor; `[0.25, 0.75]`, the interquartile range, by default. */
  quantileRange?: readonly [number, number]
}

/** The saved state of a `RobustScaler`, as JSON. */
export type RobustScalerState = ScalerState<'robust', { axis: ScalerAxis; quantileRange: [number, number] }>

/**
 * Scales by the middle of the data, which outliers do not move: `(x − median) / (q₇₅ − q₂₅)`.
 *
 * Use it for measurements with outliers or heavy tails. The quantiles are those of scikit-learn's RobustScaler (linear
 * interpolation) and exact as long as a feature has no more different values than its sketch has bins (`sketchSize`,
 * 1024 by default); beyond, a quantile is off by at most the width of one bin. Weights count rows here: they should
 * average 1. A feature whose quantile range is 0 is only centred.
 *
 * Shapes: any `[..., features]` with `axis: 'channel'`, any shape with `axis: 'all'`. No variables, nothing to dispose.
 */
export class RobustScaler extends AffineScaler {
  readonly kind = 'robust'
  readonly axis: ScalerAxis
  readonly quantileRange: readonly [number, number]

  constructor({ axis = 'channel', quantileRange = [0.25, 0.75], ...common }: RobustScalerArgs = {}) {
    super('RobustScaler', checkAxis('RobustScaler', axis), common)
    checkRange('RobustScaler', 'quantileRange', quantileRange, {
      from: 0,
      to: 1,
      advice: 'Try [0.25, 0.75].',
    })
    checkSketchSize('RobustScaler', 'take quantiles from', common.sketchSize)
    this.axis = axis
    this.quantileRange = [quantileRange[0], quantileRange[1]]
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): RobustScaler {
    const { settings, ...saved } = readState('RobustScaler.fromJSON', state, 'robust')
    return new RobustScaler({ ...settings, ...saved }).restore(saved)
  }

  override toJSON(): RobustScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings() {
    const [low, high] = this.quantileRange
    return { axis: this.axis, quantileRange: [low, high] as [number, number] }
  }

  protected override twin(args: CommonArgs) {
    return new RobustScaler({ ...this.settings(), ...args }) as this
  }

  protected override affineOf(feature: FeatureStatistics, name: string): Affine {
    checkRowWeights('RobustScaler', feature, name)
    const { sketch } = feature
    const [low, high] = this.quantileRange
    const spread = distanceBetween('RobustScaler', sketch.quantile(low), sketch.quantile(high), name)
    const constant = !hasSpread(spread)
    return { center: sketch.quantile(0.5), scale: constant ? 1 : spread, constant }
  }
}
