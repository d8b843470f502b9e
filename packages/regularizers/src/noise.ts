import { randomWords } from './sfc32.js'

/** `count` values that are 0 with probability `rate` and `kept` otherwise. */
export function keepOrDrop(
  count: number,
  rate: number,
  kept: number,
  seed: number,
  call: number,
): Float32Array {
  const words = randomWords(count, seed, call)
  const values = new Float32Array(count)
  // Compared as signed integers, which is over twice as fast as an unsigned or a floating-point comparison.
  const threshold = Math.min(Math.ceil(rate * 2 ** 32 - 2 ** 31), 2 ** 31 - 1)
  for (let index = 0; index < count; index++) {
    values[index] = (words[index]! ^ 0x80000000) < threshold ? 0 : kept
  }
  return values
}

/** `count` values of the standard normal distribution, by the transformation of Box and Muller (1958). */
export function standardNormal(count: number, seed: number, call: number): Float32Array {
  const words = randomWords(count + (count % 2), seed, call)
  const values = new Float32Array(count)
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[index]! >>> 0) + 1) / 2 ** 32))
    const angle = (2 * Math.PI * (words[index + 1]! >>> 0)) / 2 ** 32
    values[index] = radius * Math.cos(angle)
    if (index + 1 < count) values[index + 1] = radius * Math.sin(angle)
  }
  return values
}
