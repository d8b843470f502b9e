/** Which draw of all random numbers a scenario gets; each fault and each healthy training is run with several. */
let draw = 0

/** A seed for something random of a scenario, such as an initializer: another one in every draw. */
export const seeded = (seed: number) => seed + 1000 * draw

/** Uniform numbers in [0, 1) that a seed determines (Mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seeded(seed) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296
  }
}

/** Box and Muller. */
export const gaussianOf = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Runs a scenario reproducibly. `fit` shuffles, and initializers without a seed draw, with Math.random. */
export async function withDraw<T>(number: number, run: () => Promise<T>): Promise<T> {
  const { random } = Math
  draw = number
  Math.random = seededRandom(99)
  try {
    return await run()
  } finally {
    Math.random = random
    draw = 0
  }
}
