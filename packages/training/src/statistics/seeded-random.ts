import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/**
 * A source of numbers from 0 to below 1 for one purpose; neighbouring seeds and different purposes are unrelated.
 *
 * @throws {RangeError} when the seed is no whole number.
 */
export function seededRandom(seed: number, purpose: string): () => number {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`seed: expected a whole number, got ${seed}. Choose e.g. 1.`)
  }
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)))
  return () => uniformFloat64(generator)
}
