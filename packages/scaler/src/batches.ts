import * as tf from '@tensorflow/tfjs-core'

/** What `fit` accepts: one tensor, or batches of them from an array, a generator or an async generator. */
export type Batches = tf.Tensor | Iterable<tf.Tensor> | AsyncIterable<tf.Tensor>

/** How statistics are shared: one set per index of the last axis, or one set for all values. */
export type ScalerAxis = 'channel' | 'all'

export function checkAxis(name: string, axis: ScalerAxis): void {
  if (axis !== 'channel' && axis !== 'all') {
    throw new TypeError(
      `${name}: expected axis to be 'channel' or 'all', got ${JSON.stringify(axis)}. ` +
        "Choose 'channel' for one mean per entry of the last axis, 'all' for a single one.",
    )
  }
}

/** Number of channels of a tensor: the size of its last axis, or 1 when all values share their statistics. */
function channelsOf(name: string, x: tf.Tensor, axis: ScalerAxis): number {
  if (!(x instanceof tf.Tensor)) {
    throw new TypeError(`${name}: expected a tensor, got ${typeof x}. Wrap the values in tf.tensor(...).`)
  }
  if (x.dtype === 'string' || x.dtype === 'complex64') {
    throw new TypeError(`${name}: expected a numeric tensor, got dtype=${x.dtype} (shape [${x.shape}]).`)
  }
  if (axis === 'all') return 1
  const channels = x.shape.at(-1)
  if (channels === undefined) {
    throw new RangeError(
      `${name}: expected a tensor with a channel axis, got a scalar (axis='channel'). Use axis: 'all'.`,
    )
  }
  return channels
}

/** Throws unless `x` has as many channels as the scaler was fitted with. */
export function checkChannels(name: string, x: tf.Tensor, axis: ScalerAxis, fitted: number): void {
  const channels = channelsOf(name, x, axis)
  if (channels === fitted) return
  throw new RangeError(
    `${name}: expected ${fitted} channels in the last axis, got ${channels} (shape [${x.shape}]). ` +
      'Pass tensors laid out like the training data.',
  )
}

/** Statistics as a tensor that broadcasts over `[..., channels]`, or over any shape when they are shared by all. */
export function constant(values: readonly number[], axis: ScalerAxis): tf.Tensor {
  return axis === 'all' ? tf.scalar(values[0]!) : tf.tensor1d([...values])
}

/**
 * Reads the batches one after the other, one read-back each, and hands their values to `visit`.
 * The tensors stay the caller's: a generator may dispose of a batch as soon as it is asked for the next one.
 */
export async function readBatches(
  name: string,
  batches: Batches,
  axis: ScalerAxis,
  visit: (values: ArrayLike<number>, channels: number) => void,
): Promise<void> {
  let expected: number | undefined
  let position = 0
  for await (const batch of batches instanceof tf.Tensor ? [batches] : batches) {
    const channels = channelsOf(name, batch, axis)
    expected ??= channels
    if (channels !== expected) {
      throw new RangeError(
        `${name}: expected ${expected} channels in every batch, got ${channels} (batch ${position}, ` +
          `shape [${batch.shape}]). Fit on batches with the same last axis.`,
      )
    }
    const values = await batch.data()
    checkFinite(name, values, position, batch.shape)
    if (values.length > 0) visit(values, channels)
    position++
  }
}

function checkFinite(name: string, values: ArrayLike<number>, position: number, shape: number[]): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (Number.isFinite(value)) continue
    throw new RangeError(
      `${name}: expected finite values, got ${value} (batch ${position}, flat index ${index}, ` +
        `shape [${shape}]). Repair or leave out such samples before fitting.`,
    )
  }
}
