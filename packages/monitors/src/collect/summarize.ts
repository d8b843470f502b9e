import * as tf from '@tensorflow/tfjs-core'
import type { Summary } from '../reading.js'
import type { Pack } from './pack.js'

const HISTOGRAM_SAMPLE = 1024
/** Tensors up to this size are read as they are: sending some kilobytes is faster than eight kernels. */
export const SMALL = 4096

/** Adds the statistics of a tensor to the pack. */
export function summarize(pack: Pack, tensor: tf.Tensor, { sample = false } = {}): () => Summary {
  const { size } = tensor
  if (size === 0) {
    return () => ({ size, mean: 0, std: 0, norm: 0, meanAbs: 0, min: 0, max: 0, zeros: 0 })
  }
  if (size <= SMALL) {
    const values = pack.add(tensor)
    return () => summaryOf(values(), sample)
  }
  const row = asRow(tensor)
  const slots = [
    tf.sum(row),
    squareSum(row),
    tf.sum(tf.abs(row)),
    tf.sum(tf.cast(tf.equal(row, 0), 'float32')),
    tf.min(row),
    tf.max(row),
  ].map((value) => pack.add(value))
  const values = sample ? pack.add(everyNth(row)) : undefined
  return () => {
    const [sum, squares, absoluteSum, zeros, min, max] = slots.map((slot) => slot()[0]!) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const mean = sum / size
    return {
      size,
      mean,
      std: min === max ? 0 : Math.sqrt(Math.max(0, squares / size - mean * mean)),
      norm: Math.sqrt(squares),
      meanAbs: absoluteSum / size,
      min,
      max,
      zeros: zeros / size,
      ...(values && { sample: Array.from(values()) }),
    }
  }
}

/** The statistics of values that have been read. */
export function summaryOf(values: ArrayLike<number>, sample: boolean): Summary {
  const { length: size } = values
  let [sum, squares, absolute, zeros] = [0, 0, 0, 0]
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let index = 0; index < size; index++) {
    const value = values[index]!
    sum += value
    squares += value * value
    absolute += Math.abs(value)
    if (value === 0) zeros++
    if (value < min) min = value
    if (value > max) max = value
  }
  const mean = sum / size
  const stride = Math.ceil(size / HISTOGRAM_SAMPLE)
  return {
    size,
    mean,
    std: min === max ? 0 : Math.sqrt(Math.max(0, squares / size - mean * mean)),
    norm: Math.sqrt(squares),
    meanAbs: absolute / size,
    min,
    max,
    zeros: zeros / size,
    ...(sample && { sample: Array.from(values).filter((_, index) => index % stride === 0) }),
  }
}

/** The tensor as `[1, size]` in float32. */
export function asRow(tensor: tf.Tensor): tf.Tensor2D {
  const row = tf.reshape(tensor, [1, tensor.size])
  return (row.dtype === 'float32' ? row : tf.cast(row, 'float32')) as tf.Tensor2D
}

/** `Σx²` without an intermediate of the size of x. */
export function squareSum(row: tf.Tensor2D): tf.Tensor {
  return tf.matMul(row, row, false, true)
}

/** About HISTOGRAM_SAMPLE evenly spaced elements; all of them when there are no more. */
function everyNth(row: tf.Tensor2D): tf.Tensor {
  const stride = Math.ceil(row.size / HISTOGRAM_SAMPLE)
  return stride === 1 ? row : tf.stridedSlice(row, [0, 0], [1, row.size], [1, stride])
}
