/** @throws RangeError for a width or height that is no whole number from 1. */
export function assertSize(from: { width: number; height: number }, width: number, height: number): void {
  if (Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1) return
  throw new RangeError(
    `resizePicture: expected whole numbers from 1, got ${width} x ${height} (from ${from.width} x ${from.height}). ` +
      'Round both sides.',
  )
}
