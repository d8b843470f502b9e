import type { FeatureAxis } from './feature-axis.js'

/** How statistics are shared: one set per index of the last axis, or one set for all values. */
export type ScalerAxis = 'channel' | 'all'

export function checkAxis(name: string, axis: ScalerAxis): FeatureAxis {
  if (axis === 'channel') return -1
  if (axis === 'all') return axis
  throw new TypeError(
    `${name}: expected axis to be 'channel' or 'all', got ${JSON.stringify(axis)}. ` +
      "Choose 'channel' for one set of statistics per entry of the last axis, 'all' for a single one.",
  )
}

/** Throws unless `range` is two finite numbers in ascending order within the limits. */
export function checkRange(
  name: string,
  option: string,
  range: readonly [number, number],
  {
    advice,
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
  }: { advice: string; from?: number; to?: number },
): void {
  const [low, high] = range
  if (range.length === 2 && range.every(Number.isFinite) && low < high && low >= from && high <= to) return
  const within = Number.isFinite(from) ? ` from ${from} to ${to}` : ''
  throw new RangeError(
    `${name}: expected ${option} to be two finite numbers${within} in ascending order, got [${range.join(', ')}]. ${advice}`,
  )
}
