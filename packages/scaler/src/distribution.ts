import type { Bins } from './bins.js'
import { lastUpTo } from './last-up-to.js'

/**
 * The distribution function of binned values: a step at each single value, a ramp over each bin that holds several.
 */
export class Distribution {
  readonly total: number
  /** Weight of the bins before each bin. */
  readonly #before: Float64Array

  constructor(readonly bins: Bins) {
    let total = 0
    this.#before = bins.weight.map((weight) => {
      total += weight
      return total - weight
    })
    this.total = total
  }

  get minimum(): number {
    return this.bins.low[0]!
  }

  get maximum(): number {
    return this.bins.high.at(-1)!
  }

  /** Share of the values below `x`; with `included`, also of those equal to it. */
  share(x: number, { included = false } = {}): number {
    const { low, high, weight } = this.bins
    const bin = lastUpTo(low, x)
    if (bin < 0) return 0
    const reached = x - low[bin]!
    const width = high[bin]! - low[bin]!
    const part =
      reached === 0 && width === 0 ? Number(included) : Math.min(1, width === 0 ? 1 : reached / width)
    return (this.#before[bin]! + weight[bin]! * part) / this.total
  }

  /** Largest share of the values in a bin that holds several different ones: how coarse the function is. */
  get resolution(): number {
    const { low, high, weight } = this.bins
    return (
      weight.reduce((most, value, bin) => (high[bin]! > low[bin]! ? Math.max(most, value) : most), 0) /
      this.total
    )
  }
}

export interface Distances {
  /** Largest distance of the distribution functions: the two-sample Kolmogorov–Smirnov statistic. */
  ks: number
  /** Area between the distribution functions: the first Wasserstein distance, in the unit of the values. */
  wasserstein: number
}

/** Both functions are linear between the limits of their bins, so it is enough to look there. */
export function distancesOf(a: Distribution, b: Distribution): Distances {
  const limits = Float64Array.from([...a.bins.low, ...a.bins.high, ...b.bins.low, ...b.bins.high]).sort()
  let ks = 0
  let wasserstein = 0
  let previous = limits[0]!
  let above = 0
  for (const limit of limits) {
    const below = a.share(limit) - b.share(limit)
    wasserstein += areaBetween(above, below) * (limit - previous)
    above = a.share(limit, { included: true }) - b.share(limit, { included: true })
    ks = Math.max(ks, Math.abs(below), Math.abs(above))
    previous = limit
  }
  return { ks, wasserstein }
}

/** Mean of |d| over an interval in which d goes in a line from `start` to `end`. */
function areaBetween(start: number, end: number): number {
  if (start * end >= 0) return Math.abs(start + end) / 2
  return (start * start + end * end) / (2 * Math.abs(start - end))
}
