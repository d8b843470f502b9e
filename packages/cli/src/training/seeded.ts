import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** Numbers in [0, 1) for one purpose; neighbouring seeds and other purposes are unrelated. */
export function seededNumbers(seed: number, purpose: string): () => number {
  const digest = createHash('sha256').update(`${seed}\n${purpose}`).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)))
  return () => uniformFloat64(generator)
}

/**
 * Calls a function while `Math.random`, from which TensorFlow.js draws weights and masks of dropout, gives the numbers of
 * a seed.
 */
export async function seeded<T>(seed: number, purpose: string, run: () => T | Promise<T>): Promise<T> {
  const own = Math.random
  Math.random = seededNumbers(seed, purpose)
  try {
    return await run()
  } finally {
    Math.random = own
  }
}
