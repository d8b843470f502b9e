import * as tf from '@tensorflow/tfjs-core'
import { type Batches, checkAxis, checkChannels, constant, readBatches, type ScalerAxis } from './batches.js'
import { FitOnce } from './fit-once.js'
import { SMALLEST_DIVISOR } from './smallest-divisor.js'
import { StateReader } from './state-reader.js'

export interface MinMaxScalerArgs {
  /** `'channel'` (default): one minimum and maximum per entry of the last axis. `'all'`: one for all values. */
  axis?: ScalerAxis
  /** Where the training minimum and maximum are mapped to; `[-1, 1]` by default. */
  range?: readonly [number, number]
}

/** Plain JSON; the numbers survive `JSON.stringify` and `JSON.parse` exactly. */
export interface MinMaxScalerState {
  kind: 'min-max'
  version: 1
  axis: ScalerAxis
  range: [number, number]
  /** Values seen per channel. */
  count: number
  minimum: number[]
  maximum: number[]
}

interface Statistics {
  count: number
  minimum: number[]
  maximum: number[]
}

/**
 * Maps the training minimum and maximum to a range: `(x − minimum) / (maximum − minimum) · (b − a) + a`.
 *
 * Use it for data with natural limits, such as pixels, where a tanh output in [-1, 1] must match. Values outside of
 * what the training data showed land outside of the range; they are not clipped. A constant channel has divisor 1, as
 * in scikit-learn's MinMaxScaler: it is mapped to `a`.
 *
 * Shapes: any `[..., channels]` with `axis: 'channel'`, any shape with `axis: 'all'`. No variables, nothing to dispose.
 */
export class MinMaxScaler {
  readonly axis: ScalerAxis
  readonly range: readonly [number, number]
  private readonly statistics: FitOnce<Statistics>

  constructor({ axis = 'channel', range = [-1, 1] }: MinMaxScalerArgs = {}) {
    checkAxis('MinMaxScaler', axis)
    if (range.length !== 2 || !range.every(Number.isFinite) || range[0] >= range[1]) {
      throw new RangeError(
        `MinMaxScaler: expected range to be two finite numbers in ascending order, got [${range.join(', ')}]. ` +
          'Try [-1, 1] or [0, 1].',
      )
    }
    this.axis = axis
    this.range = [range[0], range[1]]
    this.statistics = new FitOnce('MinMaxScaler')
  }

  get fitted(): boolean {
    return this.statistics.fitted
  }

  /** Smallest training value of each channel. */
  get minimum(): number[] {
    return [...this.statistics.get('minimum').minimum]
  }

  /** Largest training value of each channel. */
  get maximum(): number[] {
    return [...this.statistics.get('maximum').maximum]
  }

  /**
   * Measures the training data; only once. Reads each batch with one `data()` and leaves the tensors to the caller.
   * Throws on NaN and Inf, on no data, and on batches with different channels; the scaler is then still unfitted.
   */
  async fit(batches: Batches): Promise<this> {
    await this.statistics.set(async () => {
      const statistics: Statistics = { count: 0, minimum: [], maximum: [] }
      await readBatches('MinMaxScaler.fit', batches, this.axis, (values, channels) => {
        widen(statistics, values, channels)
      })
      if (statistics.count === 0) {
        throw new RangeError(
          'MinMaxScaler.fit: expected at least one value, got none. Check the data source.',
        )
      }
      return statistics
    })
    return this
  }

  /** Training minimum → `range[0]`, maximum → `range[1]`; float32, same shape as `x`. The caller disposes of it. */
  transform<T extends tf.Tensor>(x: T): T {
    const [low] = this.range
    return this.apply('transform', x, (input, minimum, factor) =>
      tf.add(tf.mul(tf.sub(input, minimum), factor), low),
    )
  }

  /** The inverse of {@link transform} up to float32 rounding. The caller disposes of the result. */
  inverseTransform<T extends tf.Tensor>(x: T): T {
    const [low] = this.range
    return this.apply('inverseTransform', x, (input, minimum, factor) =>
      tf.add(tf.div(tf.sub(input, low), factor), minimum),
    )
  }

  toJSON(): MinMaxScalerState {
    const { count, minimum, maximum } = this.statistics.get('toJSON()')
    return {
      kind: 'min-max',
      version: 1,
      axis: this.axis,
      range: [...this.range],
      count,
      minimum: [...minimum],
      maximum: [...maximum],
    }
  }

  /** A fitted scaler from what `toJSON` returned; throws on anything else. */
  static fromJSON(state: unknown): MinMaxScaler {
    const reader = new StateReader('MinMaxScaler.fromJSON', state)
    reader.kind('min-max')
    reader.version()
    const axis = reader.axis()
    const [low, high] = reader.numbers('range', 2) as [number, number]
    if (low >= high) reader.refuse('range', 'in ascending order', [low, high])
    const count = reader.count()
    const minimum = reader.numbers('minimum', axis === 'all' ? 1 : undefined)
    const maximum = reader.numbers('maximum', minimum.length)
    if (maximum.some((value, channel) => value < minimum[channel]!)) {
      reader.refuse('maximum', 'no less than minimum', maximum)
    }
    const scaler = new MinMaxScaler({ axis, range: [low, high] })
    scaler.statistics.restore({ count, minimum, maximum })
    return scaler
  }

  private apply<T extends tf.Tensor>(
    method: string,
    x: T,
    formula: (x: tf.Tensor, minimum: tf.Tensor, factor: tf.Tensor) => tf.Tensor,
  ): T {
    const { minimum, maximum } = this.statistics.get(`${method}()`)
    checkChannels(`MinMaxScaler.${method}`, x, this.axis, minimum.length)
    const width = this.range[1] - this.range[0]
    const factor = minimum.map((value, channel) => {
      const spread = maximum[channel]! - value
      return width / (spread < SMALLEST_DIVISOR ? 1 : spread)
    })
    return tf.tidy(
      () => formula(tf.cast(x, 'float32'), constant(minimum, this.axis), constant(factor, this.axis)) as T,
    )
  }
}

function widen(statistics: Statistics, values: ArrayLike<number>, channels: number): void {
  const { minimum, maximum } = statistics
  for (let index = 0; index < values.length; index++) {
    const channel = index % channels
    const value = values[index]!
    if (!(value >= minimum[channel]!)) minimum[channel] = value
    if (!(value <= maximum[channel]!)) maximum[channel] = value
  }
  statistics.count += values.length / channels
}
