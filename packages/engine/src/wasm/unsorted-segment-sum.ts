import type { TensorInfo } from '@tensorflow/tfjs-core'
import { input, type KernelCall } from './kernel-tools.js'

/**
 * `out[s, …] = Σ x[r, …]` over the rows r whose `segmentIds[r]` is s, added in 64 bits; the gradient of `gather`. Rows
 * with a negative id or one past the last segment are left out.
 */
export function unsortedSegmentSum({ backend, inputs, attrs }: KernelCall): TensorInfo {
  const x = input(inputs, 'x')
  const segmentIds = input(inputs, 'segmentIds')
  const segments = attrs.numSegments as number
  const [rows, ...inner] = x.shape
  const out = backend.makeOutput([segments, ...inner], x.dtype)
  const result = backend.typedArrayFromHeap(out)
  const sums = new Float64Array(result.length)
  const from = backend.typedArrayFromHeap(x)
  const ids = backend.typedArrayFromHeap(segmentIds)
  const size = inner.reduce((product, length) => product * length, 1)
  for (let row = 0; row < (rows ?? 1); row++) {
    const segment = ids[row] as number
    if (segment < 0 || segment >= segments) continue
    for (let index = 0; index < size; index++) {
      const to = segment * size + index
      sums[to] = (sums[to] as number) + (from[row * size + index] as number)
    }
  }
  result.set(sums)
  return out
}
