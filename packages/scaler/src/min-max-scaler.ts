import { type Affine, distanceBetween, rangeAffine } from './affine.js'
import { AffineScaler } from './affine-scaler.js'
import { checkAxis, checkRange, type ScalerAxis } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'

/** Options of `MinMaxScaler`. */
export interface MinMaxScalerArgs extends CommonArgs {
  /** `'channel'` (default): one minimum and maximum per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
  /** Where the training minimum and maximum are mapped to; `[-1, 1]` by default. */
  range?: readonly [number, number]
}

/** The saved state of a `MinMaxScaler`, as JSON. */
export type MinMaxScalerState = ScalerState<'min-max', { axis: ScalerAxis; range: [number, number] }>

/**
 * Maps the training minimum and maximum to a range: `(x − minimum) / (maximum − minimum) · (b − a) + a`.
 *
 * Use it for data with natural limits, where a tanh output in [-1, 1] must match. Values outside of what the training
 * data showed land outside of the range; they are not clipped. A constant feature has divisor 1, as in scikit-learn's
 * MinMaxScaler: it is mapped to `a`.
 *
 * Shapes: any `[..., features]` with `axis: 'channel'`, any shape with `axis: 'all'`. No variables, nothing to dispose.
 */
export class MinMaxScaler extends AffineScaler {
  readonly kind = 'min-max'
  readonly axis: ScalerAxis
  readonly range: readonly [number, number]

  constructor({ axis = 'channel', range = [-1, 1], ...common }: MinMaxScalerArgs = {}) {
    super('MinMaxScaler', checkAxis('MinMaxScaler', axis), common)
    checkRange('MinMaxScaler', 'range', range, { advice: 'Try [-1, 1] or [0, 1].' })
    this.axis = axis
    this.range = [range[0], range[1]]
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): MinMaxScaler {
    const { settings, ...saved } = readState('MinMaxScaler.fromJSON', state, 'min-max')
    return new MinMaxScaler({ ...settings, ...saved }).restore(saved)
  }

  override toJSON(): MinMaxScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings() {
    const [low, high] = this.range
    return { axis: this.axis, range: [low, high] as [number, number] }
  }

  protected override twin(args: CommonArgs) {
    return new MinMaxScaler({ ...this.settings(), ...args }) as this
  }

  protected override affineOf({ minimum, maximum }: FeatureStatistics, name: string): Affine {
    const spread = distanceBetween('MinMaxScaler', { high: minimum, low: 0 }, { high: maximum, low: 0 }, name)
    return rangeAffine(minimum, spread, this.range)
  }
}
