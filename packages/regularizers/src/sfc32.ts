const WARM_UP = 15

/**
 * Fills `values` with `kept` or 0: each value is 0 with probability `rate`, by one draw of sfc32 each.
 *
 * sfc32 ("small fast counting", C. Doty-Humphrey, PractRand) has 128 bits of state and is seeded with three 32-bit
 * words, here the seed and the call number. So every (seed, call) starts its own stream, any of them can be made
 * without the ones before, and the result is the same on every tfjs backend.
 */
export function fillMask(values: Float32Array, rate: number, kept: number, seed: number, call: number): void {
  const threshold = rate * 2 ** 32
  let a = seed | 0
  let b = call | 0
  let c = Math.floor(call / 2 ** 32) | 0
  let counter = 1
  for (let index = -WARM_UP; index < values.length; index++) {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    if (index >= 0) values[index] = drawn >>> 0 < threshold ? 0 : kept
  }
}
