import { checkKeys } from '../check-keys.js'
import { seededRandom } from '../random.js'
import type { Sampler } from '../sampler.js'
import { paramsAt } from '../unit-interval.js'

/**
 * Points that fill the space evenly at any number of trials: better than random where few of many parameters matter.
 * Sobol 1967; direction numbers of Joe and Kuo 2008. The seed flips binary digits of each coordinate (a digital shift),
 * so that different seeds give different, equally even points. Up to 21 parameters.
 */
export function sobolSampler(options: { seed: number }): Sampler {
  checkKeys('sobolSampler', options, ['seed'])
  return {
    suggest({ space, trials }) {
      const names = Object.keys(space)
      if (names.length > DIRECTIONS.length)
        throw new RangeError(
          `sobolSampler: expected at most ${DIRECTIONS.length} parameters, got ${names.length}. Use randomSampler.`,
        )
      const shift = seededRandom(options.seed, 'sobol shift')
      const shifts = names.map(() => Math.floor(shift() * 2 ** BITS))
      const point = sobolIntegers(trials.length, names.length)
      return { params: paramsAt(space, (_, index) => ((point[index]! ^ shifts[index]!) >>> 0) / 2 ** BITS) }
    },
  }
}

/** Point `index` of the unshifted Sobol sequence, from 0 up, with coordinates from 0 to below 1. */
export function sobolPoint(index: number, dimensions: number): number[] {
  return sobolIntegers(index, dimensions).map((integer) => (integer >>> 0) / 2 ** BITS)
}

const BITS = 32

/** Primitive polynomials, coefficients as binary digits, with the first direction integers of each dimension. */
const DIRECTIONS: readonly { polynomial: number; first: readonly number[] }[] = [
  { polynomial: 1, first: [] },
  { polynomial: 3, first: [1] },
  { polynomial: 7, first: [1, 3] },
  { polynomial: 11, first: [1, 3, 1] },
  { polynomial: 13, first: [1, 1, 1] },
  { polynomial: 19, first: [1, 1, 3, 3] },
  { polynomial: 25, first: [1, 3, 5, 13] },
  { polynomial: 37, first: [1, 1, 5, 5, 17] },
  { polynomial: 41, first: [1, 1, 5, 5, 5] },
  { polynomial: 47, first: [1, 1, 7, 11, 19] },
  { polynomial: 55, first: [1, 1, 5, 1, 1] },
  { polynomial: 59, first: [1, 1, 1, 3, 11] },
  { polynomial: 61, first: [1, 3, 5, 5, 31] },
  { polynomial: 67, first: [1, 3, 3, 9, 7, 49] },
  { polynomial: 91, first: [1, 1, 1, 15, 21, 21] },
  { polynomial: 97, first: [1, 3, 1, 13, 27, 49] },
  { polynomial: 103, first: [1, 1, 1, 15, 7, 5] },
  { polynomial: 109, first: [1, 3, 1, 15, 13, 25] },
  { polynomial: 115, first: [1, 1, 5, 5, 19, 61] },
  { polynomial: 131, first: [1, 3, 7, 11, 23, 15, 103] },
  { polynomial: 137, first: [1, 3, 7, 13, 13, 15, 69] },
]

/** Directions of one dimension: 32 integers whose highest bit is the first binary digit of the coordinate. */
const directionsOf = DIRECTIONS.map(({ polynomial, first }) => {
  const degree = first.length
  const integers = degree === 0 ? Array<number>(BITS).fill(1) : [...first]
  while (integers.length < BITS) {
    const k = integers.length
    let next = integers[k - degree]!
    for (let back = 1; back <= degree; back++) {
      const coefficient = (polynomial >>> (degree - back)) & 1
      if (coefficient === 1) next ^= integers[k - back]! << back
    }
    integers.push(next)
  }
  return integers.map((integer, k) => integer << (BITS - 1 - k))
})

function sobolIntegers(index: number, dimensions: number): number[] {
  const gray = index ^ (index >>> 1)
  return directionsOf
    .slice(0, dimensions)
    .map((directions) =>
      directions.reduce((point, direction, bit) => ((gray >>> bit) & 1 ? point ^ direction : point), 0),
    )
}
