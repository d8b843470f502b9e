import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { bytesPerFloat, compiledKernels, free, pointer, values, zeros } from './kernel-tools.js'

/** Values that are summed while they are in the cache. */
const blockValues = 8192

/** Terms that are added in 32 bits; a sum of more of them drifts. */
const terms = { fewest: 32, most: 64 }

/**
 * Sums of columns, as in batch normalization and in the gradient of a bias: blocks of rows as a product with a row of
 * ones, and these in 64 bits.
 */
export function columnSums(backend: BackendWasm, x: TensorInfo, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(columns)
  const partial = zeros(backend, [columns])
  const ones = zeros(backend, [1])
  values(backend, ones).fill(1)
  const part = values(backend, partial)
  const { multiply } = compiledKernels(backend)
  const stride = columns * bytesPerFloat
  const block = Math.min(terms.most, Math.max(terms.fewest, Math.floor(blockValues / columns)))
  const [one, to] = [pointer(backend, ones), pointer(backend, partial)]
  for (let row = 0; row < rows; row += block) {
    const count = Math.min(block, rows - row)
    const from = pointer(backend, x) + row * stride
    multiply(1, columns, 1, 1, count, one, 0, 0, 0, 0, from, 0, 0, stride, to, 0)
    for (let column = 0; column < columns; column++) {
      sums[column] = (sums[column] as number) + (part[column] as number)
    }
    part.fill(0)
  }
  free(backend, ones)
  free(backend, partial)
  return sums
}
