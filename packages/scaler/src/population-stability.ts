import type { Distribution } from './distribution.js'
import type { Histogram } from './drift-report.js'

/** Up to this many different training values each is a bin of its own. */
const CATEGORIES = 20

/**
 * Shares of training and live values in common bins, as evidently cuts them: each value of a feature with up to 20
 * different training values, otherwise equal widths over both by Sturges' rule, `⌈log₂ n + 1⌉` bins for n values.
 */
export function commonHistogram(train: Distribution, live: Distribution): Histogram {
  const edges = train.bins.low.length <= CATEGORIES ? valueEdges(train, live) : sturgesEdges(train, live)
  return { edges, train: sharesBetween(edges, train), live: sharesBetween(edges, live) }
}

/** Population stability index: `Σ (p − q) ln(p / q)` over the bins. */
export function populationStability({ train, live }: Histogram): number {
  const [p, q] = [withoutZeros(train), withoutZeros(live)]
  return p.reduce((sum, share, bin) => sum + (share - q[bin]!) * Math.log(share / q[bin]!), 0)
}

/** Evidently's substitute for empty bins: 0.0001, or a millionth of the smallest share if that is no larger. */
function withoutZeros(shares: readonly number[]): number[] {
  const smallest = Math.min(...shares.filter((share) => share > 0))
  const substitute = smallest <= 0.0001 ? smallest / 1e6 : 0.0001
  return shares.map((share) => (share > 0 ? share : substitute))
}

function valueEdges(train: Distribution, live: Distribution): number[] {
  const values = [...new Set([...train.bins.low, ...live.bins.low])].sort((a, b) => a - b)
  return [...values, values.at(-1)!]
}

/** The bin count is computed as NumPy does it, by dividing the range by a width, with the same rounding. */
function sturgesEdges(train: Distribution, live: Distribution): number[] {
  const from = Math.min(train.minimum, live.minimum)
  const to = Math.max(train.maximum, live.maximum)
  const width = (to - from) / (Math.log2(train.total + live.total) + 1)
  const count = Math.ceil((to - from) / width)
  return Array.from({ length: count + 1 }, (_, index) =>
    index === count ? to : from + index * ((to - from) / count),
  )
}

/** Shares of the values from each edge to below the next one; the last bin takes the rest. */
function sharesBetween(edges: readonly number[], distribution: Distribution): number[] {
  const below = edges.map((edge, index) => (index < edges.length - 1 ? distribution.share(edge) : 1))
  return below.slice(1).map((share, index) => share - below[index]!)
}
