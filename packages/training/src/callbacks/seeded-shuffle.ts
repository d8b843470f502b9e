import { seededRandom } from '../statistics/seeded-random.js'

/**
 * Makes `fit` shuffle by a seed: the order of the samples depends on seed and epoch alone.
 *
 * TensorFlow.js shuffles one list of indices anew in each epoch, by `Math.random`, so that an order depends on all orders before
 * it in the same call. For each epoch its numbers are replaced by those that make of the present order the one of the epoch.
 */
export class SeededShuffle {
  #order: Uint32Array | undefined
  #restore: (() => void) | undefined

  constructor(private readonly seed: number) {}

  /** `fit` begins anew, with the samples in their own order. */
  reset(): void {
    this.end()
    this.#order = undefined
  }

  /** Replaces `Math.random` until all numbers of a shuffle are drawn, or until `end`. */
  begin(epoch: number, samples: number): void {
    this.end()
    const target = shuffled(samples, seededRandom(this.seed, `fit, epoch ${epoch}`))
    const from = this.#order?.length === samples ? this.#order : identity(samples)
    const draws = drawsFor(from, target)
    const original = Math.random
    let next = 0
    this.#restore = () => {
      Math.random = original
      this.#restore = undefined
      if (next === samples) this.#order = target
    }
    Math.random = () => {
      const value = draws[next++]!
      if (next === samples) this.#restore?.()
      return value
    }
  }

  end(): void {
    this.#restore?.()
  }
}

/** The numbers with which tfjs' Fisher–Yates, from the last place to the first, makes `target` of `from`. */
function drawsFor(from: Uint32Array, target: Uint32Array): Float64Array {
  const order = from.slice()
  const place = new Uint32Array(order.length)
  for (const [index, sample] of order.entries()) place[sample] = index
  const draws = new Float64Array(order.length)
  for (let last = order.length - 1; last >= 0; last--) {
    const found = place[target[last]!]!
    draws[order.length - 1 - last] = (found + 0.5) / (last + 1)
    const moved = order[last]!
    order[found] = moved
    place[moved] = found
  }
  return draws
}

function shuffled(count: number, random: () => number): Uint32Array {
  const order = identity(count)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = order[last]!
    order[last] = order[other]!
    order[other] = moved
  }
  return order
}

function identity(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => index)
}
