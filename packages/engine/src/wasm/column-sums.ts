import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import {
  bytesPerFloat,
  compiledKernels,
  free,
  input,
  type Kernel,
  pointer,
  values,
  zeros,
} from './kernel-tools.js'

/** Values that are summed while they are in the cache. */
const blockValues = 8192

/**
 * Sum or mean over the first axes, as in batch normalization and in the gradient of a bias, as a product with a
 * row of equal weights. The backend's own kernels transpose the input first.
 */
export const reduceLeading =
  (kind: 'sum' | 'mean', original: Kernel): Kernel =>
  (call) => {
    const { backend, attrs } = call
    const x = input(call.inputs, 'x')
    const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape).sort((a, b) => a - b)
    const isLeading = axes.every((axis, index) => axis === index)
    const columns = tf.util.sizeFromShape(x.shape.slice(axes.length))
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axes.length))
    // One column would be summed value by value.
    if (x.dtype !== 'float32' || !isLeading || columns < 4 || rows < 2) return original(call)
    const [shape] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes)
    const out = sumRows(backend, x, rows, columns, kind === 'sum' ? 1 : 1 / rows)
    const kept = attrs.keepDims ? tf.backend_util.expandShapeToKeepDim(shape, axes) : shape
    return { ...out, shape: kept }
  }

function sumRows(
  backend: BackendWasm,
  x: TensorInfo,
  rows: number,
  columns: number,
  weight: number,
): TensorInfo {
  const out = zeros(backend, [columns])
  const weights = zeros(backend, [1])
  values(backend, weights).fill(weight)
  const { multiply } = compiledKernels(backend)
  const stride = columns * bytesPerFloat
  const block = Math.max(1, Math.floor(blockValues / columns))
  for (let row = 0; row < rows; row += block) {
    const count = Math.min(block, rows - row)
    const from = pointer(backend, x) + row * stride
    multiply(
      1,
      columns,
      1,
      1,
      count,
      pointer(backend, weights),
      0,
      0,
      0,
      0,
      from,
      0,
      0,
      stride,
      pointer(backend, out),
      0,
    )
  }
  free(backend, weights)
  return out
}
