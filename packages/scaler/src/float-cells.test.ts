import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellOf, LARGEST_GRAIN, nextGrain } from './float-cells.js'

const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const grains = fc.integer({ min: 11, max: LARGEST_GRAIN })

/** The bits of the magnitude, shifted right by the grain. */
function magnitude(value: number, grain: number): number {
  const [bits] = new BigUint64Array(Float64Array.of(Math.abs(value)).buffer)
  return Number(bits! >> BigInt(grain))
}

test('a cell is numbered by the upper bits of the magnitude, below zero from −1 down', () => {
  fc.assert(
    fc.property(numbers, grains, (value, grain) => {
      const expected = value < 0 ? -1 - magnitude(value, grain) : magnitude(value, grain)
      expect(cellOf(value, grain)).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})

test('cells ascend with the values, and a coarser grain cuts none apart', () => {
  fc.assert(
    fc.property(numbers, numbers, grains, (a, b, grain) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      expect(cellOf(low, grain)).toBeLessThanOrEqual(cellOf(high, grain))
      const together = cellOf(low, grain) === cellOf(high, grain)
      if (together && grain < LARGEST_GRAIN) {
        expect(cellOf(low, nextGrain(grain))).toBe(cellOf(high, nextGrain(grain)))
      }
    }),
    { numRuns: 2000 },
  )
})

test('the largest grain keeps only the sign, so that any sketch fits', () => {
  expect([-1e300, -5e-324, 0, 5e-324, 1e300].map((value) => cellOf(value, LARGEST_GRAIN))).toEqual([
    -1, -1, 0, 0, 0,
  ])
})
