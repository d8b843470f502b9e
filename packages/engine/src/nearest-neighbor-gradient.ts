/** For each position of the resized axis the position that it was taken from. */
function sources(from: number, to: number, alignCorners: boolean, halfPixelCenters: boolean): number[] {
  const aligned = alignCorners && to > 1
  const scale = aligned ? (from - 1) / (to - 1) : from / to
  return Array.from({ length: to }, (_, position) => {
    const source = halfPixelCenters ? Math.floor((position + 0.5) * scale) : position * scale
    return Math.min(from - 1, alignCorners ? Math.round(source) : Math.floor(source))
  })
}

/**
 * Gradient of nearest-neighbour resizing from `shape` to `resized`, both [batch, height, width, channels]: each value
 * of `dy` is added to the value that was copied there. `sums` starts at zero. tfjs's own kernels mix up the pictures
 * of a batch.
 */
export function addNearestNeighborGradient(
  dy: ArrayLike<number>,
  resized: number[],
  sums: Float32Array,
  shape: number[],
  { alignCorners = false, halfPixelCenters = false }: { alignCorners?: boolean; halfPixelCenters?: boolean },
): void {
  const [batch, height, width, channels] = shape as [number, number, number, number]
  const [, outHeight, outWidth] = resized as [number, number, number, number]
  const rows = sources(height, outHeight, alignCorners, halfPixelCenters)
  const columns = sources(width, outWidth, alignCorners, halfPixelCenters)
  let next = 0
  for (let picture = 0; picture < batch; picture++) {
    for (const row of rows) {
      for (const column of columns) {
        const to = ((picture * height + row) * width + column) * channels
        for (let channel = 0; channel < channels; channel++) {
          sums[to + channel] = (sums[to + channel] as number) + (dy[next++] as number)
        }
      }
    }
  }
}
