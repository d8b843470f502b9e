import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** A source of numbers from 0 to below 1. */
export type Random = () => number

/** A source for one purpose; neighbouring seeds and different purposes are unrelated. */
export function seededRandom(seed: number, purpose: string): Random {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`sampler: expected seed to be a whole number, got ${seed}. Choose e.g. 1.`)
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)))
  return () => uniformFloat64(generator)
}

/** A standard normal value (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** The numbers 0 to `count - 1` in random order (Fisher and Yates). */
export function shuffledIndices(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}
