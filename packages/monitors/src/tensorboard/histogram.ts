export interface Histogram {
  min: number
  max: number
  count: number
  sum: number
  squares: number
  /** Upper ends of the buckets. */
  limits: number[]
  counts: number[]
}

/**
 * Buckets of equal width over the range of a sample, with counts scaled to the `size` of what it was drawn from.
 * Values that are not finite are left out.
 */
export function histogramOf(
  sample: readonly number[],
  size = sample.length,
  buckets = 30,
): Histogram | undefined {
  const values = sample.filter(Number.isFinite)
  if (values.length === 0) return undefined
  const min = values.reduce((least, value) => Math.min(least, value))
  const max = values.reduce((most, value) => Math.max(most, value))
  const count = max > min ? buckets : 1
  const width = (max - min) / count
  const weight = size / sample.length
  const counts = new Array<number>(count).fill(0)
  for (const value of values) {
    const bucket = width > 0 ? Math.min(count - 1, Math.floor((value - min) / width)) : 0
    counts[bucket] = counts[bucket]! + weight
  }
  return {
    min,
    max,
    count: weight * values.length,
    sum: weight * values.reduce((sum, value) => sum + value, 0),
    squares: weight * values.reduce((sum, value) => sum + value * value, 0),
    limits: counts.map((_, index) => (index === count - 1 ? max : min + (index + 1) * width)),
    counts,
  }
}
