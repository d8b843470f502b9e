/** Value below which the share `p` of the sample lies, linearly interpolated; NaN for an empty sample. */
export function quantile(sample: readonly number[], p: number): number {
  const sorted = [...sample].sort((a, b) => a - b)
  const position = (sorted.length - 1) * p
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below === above ? below : below + (above - below) * (position - Math.floor(position))
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5)
}

/** Distance between the quartiles, a spread that single outliers do not move. */
export function interquartileRange(sample: readonly number[]): number {
  return quantile(sample, 0.75) - quantile(sample, 0.25)
}
