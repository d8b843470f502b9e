import * as tf from '@tensorflow/tfjs-core'
import { read } from './session.js'

/** Elements that are read of a tensor, at most. */
const READ = 2 ** 20

export interface Statistics {
  mean: number
  std: number
  /** Root of the mean square. */
  rms: number
  min: number
  max: number
}

export function statisticsOf(values: ArrayLike<number>): Statistics {
  let [mean, squares, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    // Welford's update: right for a small spread beside a large mean.
    const delta = value - mean
    mean += delta / (index + 1)
    squares += delta * (value - mean)
    if (value < min) min = value
    if (value > max) max = value
  }
  const variance = squares / Math.max(1, values.length)
  return { mean, std: Math.sqrt(variance), rms: Math.sqrt(variance + mean * mean), min, max }
}

/** Values of a tensor, of evenly spaced samples where it is large. */
export async function valuesOf(tensor: tf.Tensor): Promise<ArrayLike<number>> {
  const count = tensor.shape[0] ?? 1
  const wanted = Math.max(1, Math.min(count, Math.floor((READ * count) / Math.max(1, tensor.size))))
  if (wanted === count) return tensor.data()
  const rows = Array.from({ length: wanted }, (_, index) => Math.floor((index * count) / wanted))
  const part = tf.tidy(() => tf.gather(tensor, tf.tensor1d(rows, 'int32')))
  const values = await part.data()
  part.dispose()
  return values
}

/** Of all elements, without reading them. */
export const allFinite = async (tensor: tf.Tensor): Promise<boolean> =>
  tensor.dtype !== 'float32' || (await read(() => tf.sum(tf.mul(tensor, 0)))) === 0
