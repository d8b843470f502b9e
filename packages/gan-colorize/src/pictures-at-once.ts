/** Pixels that the networks look at together without gradients: 16 pictures of 64 × 64, or one of 256 × 256. */
const PIXELS = 2 ** 16

/** Ranges `[start, end)` of `count` pictures of `size` × `size` pixels, each of which fits into memory at once. */
export function* pictureRanges(count: number, size: number): Generator<{ start: number; end: number }> {
  const atOnce = Math.max(1, Math.min(16, Math.floor(PIXELS / size ** 2)))
  for (let start = 0; start < count; start += atOnce) yield { start, end: Math.min(count, start + atOnce) }
}

/** The whole numbers from `start` to `end - 1`. */
export function indicesOf({ start, end }: { start: number; end: number }): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}
