import * as tf from '@tensorflow/tfjs-core'

/** Five columns and seven rows of each digit, row by row in hexadecimal. */
const font = [
  '0e11131519110e', '040c040404040e', '0e11010204081f', '1f02040201110e', '02060a121f0202',
  '1f101e0101110e', '0608101e11110e', '1f010204080808', '0e11110e11110e', '0e11110f01020c',
] // biome-ignore format: two lines of five digits

const size = 16

/** The same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Digits of different places, widths and strengths, in noise: pictures `[count, 16, 16, 1]`, labels one-hot. */
export function digits(count: number, seed: number): { pictures: tf.Tensor4D; labels: tf.Tensor } {
  const random = randomNumbers(seed)
  const pixels = Float32Array.from({ length: count * size * size }, () => 0.4 * random())
  const classes = Array.from({ length: count }, () => Math.floor(10 * random()))
  classes.forEach((digit, picture) => {
    const [left, top] = [1 + Math.floor(4 * random()), 2 + Math.floor(6 * random())]
    const stretch = 1 + random()
    const strength = 0.5 + 0.5 * random()
    for (let row = 0; row < 7; row++) {
      const bits = Number.parseInt(font[digit]!.slice(2 * row, 2 * row + 2), 16)
      for (let x = 0; x < Math.floor(5 * stretch); x++) {
        const column = Math.floor(x / stretch)
        if ((bits >> (4 - column)) & 1) pixels[(picture * size + top + row) * size + left + x]! += strength
      }
    }
  })
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(classes, 'int32'), 10))
  return { pictures: tf.tensor4d(pixels, [count, size, size, 1]), labels }
}
