import { countFew } from './count-few.js'
import { cellOf } from './float-cells.js'

/** Values in ascending order, those of one cell together: the smallest, the largest, and their weight. */
export interface Bins {
  /** 0: each bin is one value. Otherwise the cells of {@link cellOf}. */
  readonly grain: number
  readonly low: Float64Array
  readonly high: Float64Array
  readonly weight: Float64Array
}

/** Bins of single values. */
export function binsOf(values: Float64Array, weights?: Float64Array): Bins {
  const few = countFew(values, weights)
  const { sorted, sortedWeights } = few ? sort(few.values, few.weights) : sort(values, weights)
  return gather(0, sorted, sorted, sortedWeights)
}

/** Both together, at the larger grain of the two. */
export function mergeBins(a: Bins, b: Bins): Bins {
  if (a.low.length === 0) return b
  if (b.low.length === 0) return a
  const grain = Math.max(a.grain, b.grain)
  const length = a.low.length + b.low.length
  const merged = {
    low: new Float64Array(length),
    high: new Float64Array(length),
    weight: new Float64Array(length),
  }
  let [i, j] = [0, 0]
  for (let index = 0; index < length; index++) {
    const fromA = j === b.low.length || (i < a.low.length && a.low[i]! <= b.low[j]!)
    const [source, position] = fromA ? [a, i++] : [b, j++]
    merged.low[index] = source.low[position]!
    merged.high[index] = source.high[position]!
    merged.weight[index] = source.weight[position]!
  }
  return gather(grain, merged.low, merged.high, merged.weight)
}

export function coarsen(bins: Bins, grain: number): Bins {
  return gather(grain, bins.low, bins.high, bins.weight)
}

/** Puts neighbours of one cell together. `high` need not ascend within a cell. */
function gather(grain: number, low: Float64Array, high: Float64Array, weight: Float64Array): Bins {
  const gathered = {
    low: new Float64Array(low.length),
    high: new Float64Array(low.length),
    weight: new Float64Array(low.length),
  }
  let last = -1
  let lastCell = Number.NaN
  for (let index = 0; index < low.length; index++) {
    const cell = grain === 0 ? low[index]! : cellOf(low[index]!, grain)
    if (cell !== lastCell) {
      last++
      lastCell = cell
      gathered.low[last] = low[index]!
      gathered.high[last] = high[index]!
    } else if (high[index]! > gathered.high[last]!) {
      gathered.high[last] = high[index]!
    }
    gathered.weight[last]! += weight[index]!
  }
  return {
    grain,
    low: gathered.low.slice(0, last + 1),
    high: gathered.high.slice(0, last + 1),
    weight: gathered.weight.slice(0, last + 1),
  }
}

function sort(values: Float64Array, weights: Float64Array | undefined) {
  if (!weights) {
    return { sorted: values.toSorted(), sortedWeights: new Float64Array(values.length).fill(1) }
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  return {
    sorted: Float64Array.from(order, (index) => values[index]!),
    sortedWeights: Float64Array.from(order, (index) => weights[index]!),
  }
}
