import { areaMap } from './near-duplicates.js'

const side = 32
const kept = 8
// Coefficients near zero, which noise turns over (all odd ones of a symmetric picture), count as not positive.
const leastShareOfTypical = 0.3
// In levels summed over 32 x 32 areas: below this a coefficient is rounding.
const leastCoefficient = 1

/** Two 64-bit numbers: pictures that look alike have hashes that differ in few bits. */
export interface PerceptualHash {
  readonly hash: bigint
  /** The hash of the picture mirrored left to right. */
  readonly mirrored: bigint
}

/** `cosines[u][x] = cos((2x + 1) u pi / 64)` for the frequencies 1 to 8. */
const cosines = Array.from({ length: kept }, (_, u) =>
  Float64Array.from({ length: side }, (_, x) => Math.cos(((2 * x + 1) * (u + 1) * Math.PI) / (2 * side))),
)

/**
 * The perceptual hash of a grey picture (`height * width` values). Of a 32 x 32 version the discrete cosine transform
 * (type II) is taken at the horizontal and vertical frequencies 1 to 8; bit `8 v + u` says whether the coefficient of
 * frequencies `u + 1` and `v + 1` is above 0.3 times the root mean square of all 64. The size, the compression and
 * the brightness of a picture hardly change it.
 *
 * After Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2.1, where the
 * threshold is the median: noise turns over fewer bits at this one, above all those of symmetric pictures.
 */
export function perceptualHash(values: ArrayLike<number>, width: number, height: number): PerceptualHash {
  const coefficients = lowFrequencies(areaMap(values, width, height, side))
  const typical = Math.sqrt(coefficients.reduce((sum, value) => sum + value * value, 0) / coefficients.length)
  const least = Math.max(leastCoefficient, leastShareOfTypical * typical)
  let hash = 0n
  let mirrored = 0n
  coefficients.forEach((value, index) => {
    const bit = 1n << BigInt(index)
    // Mirroring changes the sign of the odd horizontal frequencies, which have even indices.
    const turned = index % 2 === 0 ? -value : value
    if (value > least) hash |= bit
    if (turned > least) mirrored |= bit
  })
  return { hash, mirrored }
}

function lowFrequencies(small: Float32Array): Float64Array {
  const rows = new Float64Array(side * kept)
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += small[y * side + x]! * cosines[u]![x]!
      rows[y * kept + u] = sum
    }
  }
  const coefficients = new Float64Array(kept * kept)
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) sum += rows[y * kept + u]! * cosines[v]![y]!
      coefficients[v * kept + u] = sum
    }
  }
  return coefficients
}

/** The number of bits in which two hashes differ, 0 to 64. */
export function hashDistance(a: bigint, b: bigint): number {
  const difference = a ^ b
  return bitCount(Number(difference & 0xffff_ffffn)) + bitCount(Number(difference >> 32n))
}

/** Ones in the lowest 32 bits. */
export function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x5555_5555)
  count = (count & 0x3333_3333) + ((count >>> 2) & 0x3333_3333)
  return Math.imul((count + (count >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
