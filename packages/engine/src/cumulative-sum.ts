import type { NamedAttrMap, TypedArray } from '@tensorflow/tfjs-core'

/** Sums along an axis up to each element, of 64 bits, into `to`. */
export function cumulativeSum(
  from: ArrayLike<number>,
  shape: readonly number[],
  { axis, exclusive, reverse }: NamedAttrMap,
  to: TypedArray,
): void {
  const along = axis as number
  const extent = shape[along] ?? 1
  const inner = shape.slice(along + 1).reduce((product, length) => product * length, 1)
  const outer = to.length / extent / inner
  const step = reverse ? -inner : inner
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      let at = (block * extent + (reverse ? extent - 1 : 0)) * inner + column
      for (let i = 0, sum = 0; i < extent; i++, at += step) {
        const before = sum
        sum += from[at]!
        to[at] = exclusive ? before : sum
      }
    }
  }
}
