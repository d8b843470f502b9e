import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { onCpu } from '../cpu-fallback.js'
import {
  bytesPerFloat,
  compiledKernels,
  free,
  input,
  type KernelCall,
  pointer,
  reshaped,
  transposed,
  zeros,
} from './kernel-tools.js'

/** Terms summed at once, so that a strip of b stays in the cache. */
const blockTerms = 1024

/**
 * Batched matrix product with broadcast batches. The backend's own kernel is naive as soon as an argument is
 * transposed or there is more than one batch: in every gradient of a dense layer and in attention.
 */
export function batchMatMul({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const a = input(inputs, 'a')
  const given = input(inputs, 'b')
  if (a.dtype !== 'float32' || given.dtype !== 'float32') {
    return onCpu('BatchMatMul')({ backend, inputs, attrs }) as TensorInfo
  }
  const [rows, terms] = lastTwo(a.shape, attrs.transposeA === true)
  const [sameTerms, columns] = lastTwo(given.shape, attrs.transposeB === true)
  if (terms !== sameTerms) {
    throw new Error(
      `Error in matMul: inner shapes (${terms}) and (${sameTerms}) of Tensors with shapes ${a.shape} and ` +
        `${given.shape} and transposeA=${attrs.transposeA} and transposeB=${attrs.transposeB} must match.`,
    )
  }
  const batchesOfA = a.shape.slice(0, -2)
  const batchesOfB = given.shape.slice(0, -2)
  const batches = tf.broadcast_util.assertAndGetBroadcastShape(batchesOfA, batchesOfB)
  const out = zeros(backend, [...batches, rows, columns])
  if (rows * columns * terms === 0) return out

  const rank = given.shape.length
  const swapLast = [...Array(rank - 2).keys(), rank - 1, rank - 2]
  const b = attrs.transposeB ? transposed(backend, given, swapLast) : reshaped(backend, given, given.shape)
  const { multiply } = compiledKernels(backend)
  const [aStrideM, aStride0] = attrs.transposeA ? [1, rows] : [terms, 1]
  const batchOfA = batchOffsets(batches, batchesOfA)
  const batchOfB = batchOffsets(batches, batchesOfB)
  for (let batch = 0; batch < tf.util.sizeFromShape(batches); batch++) {
    for (let term = 0; term < terms; term += blockTerms) {
      multiply(
        ...([rows, columns, 1, 1, Math.min(blockTerms, terms - term)] as const),
        pointer(backend, a) + (batchOfA(batch) * rows * terms + term * aStride0) * bytesPerFloat,
        ...([aStrideM * bytesPerFloat, 0, 0, aStride0 * bytesPerFloat] as const),
        pointer(backend, b) + (batchOfB(batch) * terms + term) * columns * bytesPerFloat,
        ...([0, 0, columns * bytesPerFloat] as const),
        pointer(backend, out) + batch * rows * columns * bytesPerFloat,
        columns * bytesPerFloat,
      )
    }
  }
  free(backend, b)
  return out
}

function lastTwo(shape: number[], swap: boolean): [number, number] {
  const [first, second] = shape.slice(-2) as [number, number]
  return swap ? [second, first] : [first, second]
}

/** For each batch of the result the batch of an argument, whose axes of size 1 are repeated. */
function batchOffsets(batches: number[], own: number[]): (batch: number) => number {
  const sizes = [...Array(batches.length - own.length).fill(1), ...own] as number[]
  return (batch) => {
    let rest = batch
    let offset = 0
    let stride = 1
    for (let axis = batches.length - 1; axis >= 0; axis--) {
      const size = batches[axis] as number
      const ownSize = sizes[axis] as number
      offset += ownSize === 1 ? 0 : (rest % size) * stride
      stride *= ownSize
      rest = Math.floor(rest / size)
    }
    return offset
  }
}
