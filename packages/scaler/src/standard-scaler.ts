import * as tf from '@tensorflow/tfjs-core'
import { type Batches, checkAxis, checkChannels, constant, readBatches, type ScalerAxis } from './batches.js'
import { FitOnce } from './fit-once.js'
import { type Moments, mergeMoments, momentsOf } from './moments.js'
import { SMALLEST_DIVISOR } from './smallest-divisor.js'
import { StateReader } from './state-reader.js'

export interface StandardScalerArgs {
  /** `'channel'` (default): one mean and deviation per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
}

/** Plain JSON; the numbers survive `JSON.stringify` and `JSON.parse` exactly. */
export interface StandardScalerState {
  kind: 'standard'
  version: 1
  axis: ScalerAxis
  /** Values seen per channel. */
  count: number
  mean: number[]
  /** Population variance, `Σ (x − mean)² / count`. */
  variance: number[]
}

interface Statistics {
  readonly count: number
  readonly mean: readonly number[]
  readonly variance: readonly number[]
}

/**
 * Scales inputs to zero mean and unit deviation: `(x − mean) / std`, with the statistics of the training data.
 *
 * Use it before training, and reuse the same fitted scaler (saved with `toJSON`) for validation, test and serving.
 * Statistics are float64 whatever the backend computes in, and merged over batches after Chan, Golub and LeVeque (1979).
 * A constant channel is only centred, by the rule of scikit-learn's StandardScaler: its divisor is 1.
 *
 * Shapes: any `[..., channels]` with `axis: 'channel'`, any shape with `axis: 'all'`. No variables, nothing to dispose.
 */
export class StandardScaler {
  readonly axis: ScalerAxis
  private readonly statistics: FitOnce<Statistics>

  constructor({ axis = 'channel' }: StandardScalerArgs = {}) {
    checkAxis('StandardScaler', axis)
    this.axis = axis
    this.statistics = new FitOnce('StandardScaler')
  }

  get fitted(): boolean {
    return this.statistics.fitted
  }

  /** Mean of each channel. */
  get mean(): number[] {
    return [...this.statistics.get('mean').mean]
  }

  /** Population standard deviation of each channel, 0 for a constant one. */
  get std(): number[] {
    return this.statistics.get('std').variance.map(Math.sqrt)
  }

  /**
   * Measures the training data; only once. Reads each batch with one `data()` and leaves the tensors to the caller.
   * Throws on NaN and Inf, on no data, and on batches with different channels; the scaler is then still unfitted.
   */
  async fit(batches: Batches): Promise<this> {
    await this.statistics.set(async () => {
      let moments: Moments = { count: 0, mean: [], squares: [] }
      await readBatches('StandardScaler.fit', batches, this.axis, (values, channels) => {
        moments = mergeMoments(moments, momentsOf(values, channels))
      })
      const { count, mean, squares } = moments
      if (count === 0) {
        throw new RangeError(
          'StandardScaler.fit: expected at least one value, got none. Check the data source.',
        )
      }
      return { count, mean, variance: squares.map((sum) => sum / count) }
    })
    return this
  }

  /** `(x − mean) / std`, float32, same shape as `x`. Differentiable. The caller disposes of the result. */
  transform<T extends tf.Tensor>(x: T): T {
    return this.apply('transform', x, (input, { high, low, divisor }) =>
      tf.div(tf.sub(tf.sub(input, high), low), divisor),
    )
  }

  /** `x · std + mean`, the inverse of {@link transform} up to float32 rounding. The caller disposes of the result. */
  inverseTransform<T extends tf.Tensor>(x: T): T {
    return this.apply('inverseTransform', x, (input, { high, low, divisor }) =>
      tf.add(tf.add(tf.mul(input, divisor), low), high),
    )
  }

  toJSON(): StandardScalerState {
    const { count, mean, variance } = this.statistics.get('toJSON()')
    return { kind: 'standard', version: 1, axis: this.axis, count, mean: [...mean], variance: [...variance] }
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): StandardScaler {
    const reader = new StateReader('StandardScaler.fromJSON', state)
    reader.kind('standard')
    reader.version()
    const axis = reader.axis()
    const count = reader.count()
    const mean = reader.numbers('mean', axis === 'all' ? 1 : undefined)
    const variance = reader.numbers('variance', mean.length)
    if (variance.some((value) => value < 0)) reader.refuse('variance', 'no less than 0', variance)
    const scaler = new StandardScaler({ axis })
    scaler.statistics.restore({ count, mean, variance })
    return scaler
  }

  private apply<T extends tf.Tensor>(
    method: string,
    x: T,
    formula: (x: tf.Tensor, constants: Record<'high' | 'low' | 'divisor', tf.Tensor>) => tf.Tensor,
  ): T {
    const statistics = this.statistics.get(`${method}()`)
    const { mean } = statistics
    checkChannels(`StandardScaler.${method}`, x, this.axis, mean.length)
    // A mean of 4096.3 with a deviation of 0.1 loses digits as one float32, so it is applied as a sum of two.
    const high = mean.map(Math.fround)
    const low = mean.map((value, channel) => value - high[channel]!)
    const divisor = mean.map((_, channel) => divisorOf(statistics, channel))
    return tf.tidy(() => {
      const constants = {
        high: constant(high, this.axis),
        low: constant(low, this.axis),
        divisor: constant(divisor, this.axis),
      }
      return formula(tf.cast(x, 'float32'), constants) as T
    })
  }
}

/**
 * The standard deviation, or 1 where the variance is no more than the rounding error of its own computation: the bound
 * of scikit-learn's `_is_constant_feature`, `count·ε·variance + (count·mean·ε)²`.
 */
function divisorOf({ count, mean, variance }: Statistics, channel: number): number {
  const rounding =
    count * Number.EPSILON * variance[channel]! + (count * mean[channel]! * Number.EPSILON) ** 2
  const deviation = Math.sqrt(variance[channel]!)
  return variance[channel]! <= rounding || deviation < SMALLEST_DIVISOR ? 1 : deviation
}
