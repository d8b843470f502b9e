import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'

/** A generator of random numbers that can jump ahead, so that streams never meet. */
export type Random = JumpableRandomGenerator

/** Throws a RangeError unless `seed` is a safe integer. */
export function checkSeed(seed: number, caller: string): void {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`${caller}: expected seed to be a whole number, got ${seed}. Choose e.g. 1.`)
  }
}

/**
 * A generator for one purpose. Neighbouring seeds and different purposes are unrelated,
 * because the state comes from SHA-256 of both.
 */
export function seededRandom(seed: number, purpose: string): Random {
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest()
  return xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)))
}

/** The numbers 0 to `count - 1` in random order (Fisher and Yates; every order is equally likely). */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last)
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
  return order
}

/** A shuffled copy of `items`. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return Array.from(shuffledIndices(items.length, random), (index) => items[index]!)
}

/** A number from `low` to `high`, each equally likely. */
export function between(low: number, high: number, random: Random): number {
  return low + (high - low) * uniformFloat64(random)
}

/** A number from `low` to `high`, both above 0, whose logarithm is equally likely everywhere. */
export function logBetween(low: number, high: number, random: Random): number {
  return Math.exp(between(Math.log(low), Math.log(high), random))
}

/** True in `probability` of all cases. */
export function chance(probability: number, random: Random): boolean {
  return uniformFloat64(random) < probability
}
