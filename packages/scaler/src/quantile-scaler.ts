import { checkAxis, type ScalerAxis } from './axis.js'
import type { FeatureStatistics } from './feature-statistics.js'
import { shareAt } from './landmarks.js'
import type { Mapping } from './mapping.js'
import { type QuantileOutput, quantileMapping } from './quantile-mapping.js'
import { checkRowWeights, checkSketchSize } from './row-weights.js'
import { Scaler } from './scaler.js'
import { readState, type ScalerState } from './scaler-state.js'
import type { CommonArgs } from './train-statistics.js'

/** Options of `QuantileScaler`. */
export interface QuantileScalerArgs extends CommonArgs {
  /** `'channel'` (default): one distribution per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
  /** What values become: `'uniform'` (default) in [0, 1], or `'normal'` with mean 0 and deviation 1. */
  output?: QuantileOutput
  /** Quantiles between which is interpolated; 1000 by default, and never more than there are rows. */
  numQuantiles?: number
}

interface QuantileScalerSettings {
  axis: ScalerAxis
  output: QuantileOutput
  numQuantiles: number
}

/** The saved state of a `QuantileScaler`, as JSON. */
export type QuantileScalerState = ScalerState<'quantile', QuantileScalerSettings>

/**
 * Maps each value to its rank in the training data, a share in [0, 1], or to the normal value with that share.
 *
 * Use it for features of any distribution, with outliers and several peaks: the order stays, distances do not. Between
 * the quantiles is interpolated; a value that repeats gets the middle of its shares, the smallest 0 and the largest 1.
 * Values beyond the training data become 0 and 1, or ±5.2 (the shares 1e-7 and 1 − 1e-7), and come back as the smallest and
 * the largest training value. A constant feature becomes 0, or −5.2, as its smallest value.
 *
 * It is scikit-learn's QuantileTransformer without its subsample of the rows and without its absolute 1e-7 around the limits
 * (`'normal'`). The quantiles are exact as long as a feature has no more different values than its sketch has bins
 * (`sketchSize`, 1024 by default); beyond, they are off by at most the width of one bin. Weights count rows here: they
 * should average 1.
 *
 * Shapes: any `[..., features]` with `axis: 'channel'`, any shape with `axis: 'all'`. Tensors are differentiable: the
 * slope is that of the piece to the right, 0 beyond the training data. No variables, nothing to dispose.
 */
export class QuantileScaler extends Scaler {
  readonly kind = 'quantile'
  readonly axis: ScalerAxis
  readonly output: QuantileOutput
  readonly numQuantiles: number

  constructor(args: QuantileScalerArgs = {}) {
    const { axis = 'channel', output = 'uniform', numQuantiles = 1000, ...common } = args
    super('QuantileScaler', checkAxis('QuantileScaler', axis), common)
    if (output !== 'uniform' && output !== 'normal') {
      throw new TypeError(
        `QuantileScaler: expected output to be 'uniform' or 'normal', got ${JSON.stringify(output)}. ` +
          "Use 'uniform' for values in [0, 1].",
      )
    }
    if (!Number.isSafeInteger(numQuantiles) || numQuantiles < 2) {
      throw new RangeError(
        `QuantileScaler: expected numQuantiles to be an integer from 2, got ${numQuantiles}. Try 1000.`,
      )
    }
    checkSketchSize('QuantileScaler', 'take quantiles from', common.sketchSize)
    this.axis = axis
    this.output = output
    this.numQuantiles = numQuantiles
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): QuantileScaler {
    const { settings, ...saved } = readState('QuantileScaler.fromJSON', state, 'quantile')
    return new QuantileScaler({ ...settings, ...saved }).restore(saved)
  }

  override toJSON(): QuantileScalerState {
    return { ...super.toJSON(), kind: this.kind, settings: this.settings() }
  }

  protected override settings(): QuantileScalerSettings {
    const { axis, output, numQuantiles } = this
    return { axis, output, numQuantiles }
  }

  protected override twin(args: CommonArgs) {
    return new QuantileScaler({ ...this.settings(), ...args }) as this
  }

  protected override mappingOf(features: readonly FeatureStatistics[], labels: readonly string[]): Mapping {
    const rows = features.reduce((most, { rows, missing }) => Math.max(most, rows + missing), 0)
    const count = Math.min(this.numQuantiles, rows)
    for (const [index, feature] of features.entries()) {
      checkRowWeights('QuantileScaler', feature, labels[index]!)
    }
    const quantiles = features.map(({ sketch }) => quantilesOf(sketch, count))
    return quantileMapping(quantiles, this.output, labels)
  }
}

/** Quantiles at even shares, rounded as those of NumPy's `percentile` are, so that the same values repeat. */
function quantilesOf(sketch: FeatureStatistics['sketch'], count: number): Float64Array {
  const shares = Array.from({ length: count }, (_, index) => (shareAt(index, count) * 100) / 100)
  let last = Number.NEGATIVE_INFINITY
  return Float64Array.from(sketch.quantiles(shares), ({ high }) => {
    last = Math.max(last, high)
    return last
  })
}
