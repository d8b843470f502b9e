import { type Bins, binsOf, mergeBins } from './bins.js'
import { type DoubleDouble, twoSum } from './double-double.js'

const NO_BINS: Bins = binsOf(new Float64Array(0))

/**
 * A distribution in at most `size` bins: exact while there are no more different values than bins, then a histogram
 * over cells of the float64 line that double in width whenever there are too many of them.
 *
 * The grain it ends with is the smallest at which the values fill no more than `size` cells, and a bin keeps the
 * smallest and the largest of its values. Neither depends on the order of the values or of merges: the sketch of a
 * data set is one and the same, however it was cut into batches. That, weights and exactness for small data are why it
 * is neither a KLL sketch nor a t-digest. Collapsing all cells at once is UDDSketch's idea (Epicoco et al. 2020,
 * arXiv:2004.08604).
 */
export class QuantileSketch {
  #bins: Bins = NO_BINS
  /** Bins that were merged but not yet put together; keeps a stream of single rows from costing `size` each. */
  #pending: Bins[] = []
  #pendingSize = 0

  constructor(readonly size: number) {}

  /** A sketch with the given bins, as they were read from {@link bins}. */
  static from(size: number, bins: Bins): QuantileSketch {
    const sketch = new QuantileSketch(size)
    sketch.#bins = bins
    return sketch
  }

  /** Values without NaN; each weighs 1 if no weights are given. */
  add(values: Float64Array, weights?: Float64Array): void {
    this.#enqueue(binsOf(values, weights))
  }

  merge(other: QuantileSketch): void {
    this.#enqueue(other.bins)
  }

  get bins(): Bins {
    this.#flush()
    return this.#bins
  }

  /** Whether each bin is one value, so that quantiles and drift statistics are exact. */
  get exact(): boolean {
    return this.bins.grain === 0
  }

  /**
   * The value at share `p` of the sample, interpolated between neighbours: `(weight − 1) · p` steps from the smallest
   * (the default of NumPy; type 7 of Hyndman and Fan). A weight of 2 is the value twice. The values of a bin are taken
   * to lie evenly between its smallest and largest one. A sum of two, of which the first is NumPy's: neighbouring float64
   * have values between them.
   */
  quantile(p: number): DoubleDouble {
    return this.quantiles([p])[0]!
  }

  /** {@link quantile} of shares in ascending order, in one pass over the bins. */
  quantiles(shares: readonly number[]): DoubleDouble[] {
    const { low, high, weight } = this.bins
    const total = weight.reduce((sum, value) => sum + value, 0)
    let [bin, start] = [0, 0]
    return shares.map((p) => {
      const position = Math.max(0, (total - 1) * p)
      for (; bin < low.length; bin++) {
        const end = start + Math.max(0, weight[bin]! - 1)
        const next = start + weight[bin]!
        if (position <= end) return between(low[bin]!, high[bin]!, (position - start) / (end - start || 1))
        if (position < next && bin + 1 < low.length) {
          return between(high[bin]!, low[bin + 1]!, (position - end) / (next - end))
        }
        start = next
      }
      return { high: high.at(-1) ?? Number.NaN, low: 0 }
    })
  }

  #enqueue(bins: Bins): void {
    this.#pending.push(bins)
    this.#pendingSize += bins.low.length
    if (this.#pendingSize >= this.size) this.#flush()
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    this.#bins = mergeBins(this.#bins, mergeAll(this.#pending), this.size)
    this.#pending = []
    this.#pendingSize = 0
  }
}

/** Pairwise, so that many small pieces cost `n log n`. */
function mergeAll(pieces: Bins[]): Bins {
  if (pieces.length <= 1) return pieces[0] ?? NO_BINS
  const half = pieces.length >> 1
  return mergeBins(mergeAll(pieces.slice(0, half)), mergeAll(pieces.slice(half)), Number.POSITIVE_INFINITY)
}

/** Exact at both ends, as NumPy's interpolation is. */
function between(low: number, high: number, share: number): DoubleDouble {
  const distance = high - low
  if (!Number.isFinite(distance)) return twoSum(low * (1 - share), high * share)
  return share < 0.5 ? twoSum(low, distance * share) : twoSum(high, -distance * (1 - share))
}
