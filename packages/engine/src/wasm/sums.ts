import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { cumulativeSum } from '../cumulative-sum.js'
import { columnSums } from './column-sums.js'
import { free, input, type Kernel, reshaped, transposed } from './kernel-tools.js'

const summable = ({ dtype, shape }: TensorInfo): boolean =>
  (dtype === 'float32' || dtype === 'int32') && tf.util.sizeFromShape(shape) > 0

/** The backend's own kernel adds all terms in 32 bits: a million times 0.9 is 1 % off. Integers wrap around. */
export const reduction =
  (kind: 'sum' | 'mean', original: Kernel): Kernel =>
  (call) => {
    const { backend, attrs } = call
    const x = input(call.inputs, 'x')
    if (!summable(x)) return original(call)
    const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape).sort((a, b) => a - b)
    const [shape, reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes)
    const [rows, columns] = [tf.util.sizeFromShape(reduced), tf.util.sizeFromShape(shape)]
    const isLeading = axes.every((axis, index) => axis === index)
    let sums: Float64Array
    if (isLeading && columns >= 4 && rows >= 2 && x.dtype === 'float32') {
      sums = columnSums(backend, x, rows, columns)
    } else {
      const perm = tf.backend_util.getAxesPermutation(axes, x.shape.length)
      const source = perm === null ? reshaped(backend, x, x.shape) : transposed(backend, x, perm)
      sums = rowSums(backend.typedArrayFromHeap(source), columns, rows)
      free(backend, source)
    }
    if (kind === 'mean') for (let index = 0; index < sums.length; index++) sums[index]! /= rows
    const kept = attrs.keepDims ? tf.backend_util.expandShapeToKeepDim(shape, axes) : shape
    const out = backend.makeOutput(kept, kind === 'mean' ? 'float32' : x.dtype)
    backend.typedArrayFromHeap(out).set(sums)
    return out
  }

/** Four running sums at once, as one waits for each addition to end before the next. */
function rowSums(from: ArrayLike<number>, rows: number, terms: number): Float64Array {
  const sums = new Float64Array(rows)
  for (let row = 0, next = 0; row < rows; row++) {
    const end = next + terms
    let [a, b, c, d] = [0, 0, 0, 0]
    for (; next + 3 < end; next += 4) {
      a += from[next]!
      b += from[next + 1]!
      c += from[next + 2]!
      d += from[next + 3]!
    }
    for (; next < end; next++) a += from[next]!
    sums[row] = a + b + (c + d)
  }
  return sums
}

/** The backend's own kernel carries a sum of 32 bits along. */
export const cumsum =
  (original: Kernel): Kernel =>
  (call) => {
    const { backend, attrs } = call
    const x = input(call.inputs, 'x')
    if (!summable(x)) return original(call)
    const out = backend.makeOutput(x.shape, x.dtype)
    cumulativeSum(backend.typedArrayFromHeap(x), x.shape, attrs, backend.typedArrayFromHeap(out))
    return out
  }
