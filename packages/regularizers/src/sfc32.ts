const WARM_UP = 15

/**
 * Fills `values` with `kept` or 0: each value is 0 with probability `rate`, by one draw of sfc32 each.
 *
 * sfc32 ("small fast counting", C. Doty-Humphrey, PractRand) has 128 bits of state and is seeded with three 32-bit
 * words, here the seed and the call number. So every (seed, call) starts its own stream, any of them can be made
 * without the ones before, and the result is the same on every tfjs backend.
 */
export function fillMask(values: Float32Array, rate: number, kept: number, seed: number, call: number): void {
  const state = Int32Array.of(seed, call, Math.floor(call / 2 ** 32), 1)
  // Compared as signed integers, which is over twice as fast as an unsigned or a floating-point comparison.
  const threshold = Math.min(Math.ceil(rate * 2 ** 32 - 2 ** 31), 2 ** 31 - 1)
  draw(state, new Float32Array(WARM_UP), threshold, kept)
  draw(state, values, threshold, kept)
}

function draw(state: Int32Array, values: Float32Array, threshold: number, kept: number): void {
  // "| 0" tells the engine that these are 32-bit integers.
  let a = state[0]! | 0
  let b = state[1]! | 0
  let c = state[2]! | 0
  let counter = state[3]! | 0
  const { length } = values
  for (let index = 0; index < length; index++) {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    values[index] = (drawn ^ 0x80000000) < threshold ? 0 : kept
  }
  state.set([a, b, c, counter])
}
