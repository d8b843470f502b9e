const WARM_UP = 15

/**
 * `count` outputs of sfc32, as signed 32-bit integers.
 *
 * sfc32 ("small fast counting", C. Doty-Humphrey, PractRand) has 128 bits of state and is seeded with three 32-bit
 * words, here the seed and the call number. So every (seed, call) starts its own stream, any of them can be made
 * without the ones before, and the result is the same on every tfjs backend.
 */
export function randomWords(count: number, seed: number, call: number): Int32Array {
  const state = Int32Array.of(seed, call, Math.floor(call / 2 ** 32), 1)
  draw(state, new Int32Array(WARM_UP))
  const words = new Int32Array(count)
  draw(state, words)
  return words
}

function draw(state: Int32Array, words: Int32Array): void {
  // "| 0" tells the engine that these are 32-bit integers.
  let a = state[0]! | 0
  let b = state[1]! | 0
  let c = state[2]! | 0
  let counter = state[3]! | 0
  const { length } = words
  for (let index = 0; index < length; index++) {
    const drawn = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    words[index] = drawn
  }
  state.set([a, b, c, counter])
}
