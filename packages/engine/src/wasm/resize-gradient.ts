import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { addNearestNeighborGradient } from '../nearest-neighbor-gradient.js'
import { free, input, type KernelCall, runKernel, values, zeros } from './kernel-tools.js'

/** Gradient of nearest-neighbour resizing. */
export function resizeNearestNeighborGrad({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const [dy, images] = [input(inputs, 'dy'), input(inputs, 'images')]
  const down = (dy.shape[1] as number) / (images.shape[1] as number)
  const across = (dy.shape[2] as number) / (images.shape[2] as number)
  const repeats = Number.isInteger(down) && Number.isInteger(across) && down * across > 1
  if (repeats && !attrs.alignCorners) return sumOfBlocks(backend, dy, down, across)
  const out = zeros(backend, images.shape)
  const sums = values(backend, out)
  addNearestNeighborGradient(values(backend, dy), dy.shape, sums, images.shape, attrs)
  return out
}

/** Enlarging by whole factors repeats pixels: their sum is average pooling times their number. */
function sumOfBlocks(backend: BackendWasm, dy: TensorInfo, down: number, across: number): TensorInfo {
  const size = [down, across]
  const mean = runKernel(backend, 'AvgPool', { x: dy }, { filterSize: size, strides: size, pad: 'valid' })
  const count = backend.makeOutput([], 'float32')
  values(backend, count).fill(down * across)
  const sum = runKernel(backend, 'Multiply', { a: mean, b: count }, {})
  free(backend, mean)
  free(backend, count)
  return sum
}
