import { countFew } from './count-few.js'
import { grainFor, joiningGrains } from './joining-grains.js'

/** Values in ascending order, those of one cell together: the smallest, the largest, and their weight. */
export interface Bins {
  /** 0: each bin is one value. Otherwise cells of this grain; see `joiningGrains`. */
  readonly grain: number
  readonly low: Float64Array
  readonly high: Float64Array
  readonly weight: Float64Array
}

/** Shorter lists are sorted sooner than counted. */
const FEW_TO_SORT = 1000

/** Bins of single values. */
export function binsOf(values: Float64Array, weights?: Float64Array): Bins {
  const few = values.length > FEW_TO_SORT ? countFew(values, weights) : undefined
  const { sorted, sortedWeights } = few ? sort(few.values, few.weights) : sort(values, weights)
  return gather({ grain: 0, low: sorted, high: sorted, weight: sortedWeights })
}

/** Both together in no more than `most` bins, at the smallest grain that allows it, from theirs on. */
export function mergeBins(a: Bins, b: Bins, most: number): Bins {
  const length = a.low.length + b.low.length
  const low = new Float64Array(length)
  const high = new Float64Array(length)
  const weight = new Float64Array(length)
  let [i, j] = [0, 0]
  for (let index = 0; index < length; index++) {
    const fromA = j === b.low.length || (i < a.low.length && a.low[i]! <= b.low[j]!)
    const [source, position] = fromA ? [a, i++] : [b, j++]
    low[index] = source.low[position]!
    high[index] = source.high[position]!
    weight[index] = source.weight[position]!
  }
  return gather({ grain: Math.max(a.grain, b.grain), low, high, weight }, most)
}

/** Puts neighbours of one cell together. `high` need not ascend within a cell. */
function gather(bins: Bins, most = Number.POSITIVE_INFINITY): Bins {
  const grains = joiningGrains(bins.low)
  const grain = grainFor(grains, bins.grain, most)
  const low = new Float64Array(bins.low.length)
  const high = new Float64Array(bins.low.length)
  const weight = new Float64Array(bins.low.length)
  let last = -1
  for (let index = 0; index < bins.low.length; index++) {
    if (index === 0 || grains[index]! > grain) {
      last++
      low[last] = bins.low[index]!
      high[last] = bins.high[index]!
    } else if (bins.high[index]! > high[last]!) {
      high[last] = bins.high[index]!
    }
    weight[last]! += bins.weight[index]!
  }
  const to = last + 1
  return { grain, low: low.slice(0, to), high: high.slice(0, to), weight: weight.slice(0, to) }
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
