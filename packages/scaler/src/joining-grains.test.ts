import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grainFor, joiningGrains, LARGEST_GRAIN } from './joining-grains.js'

const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const lists = fc.array(fc.oneof(numbers, fc.integer({ min: -9, max: 9 })), { minLength: 1, maxLength: 30 })

/** The cell of a number, from its bits: all but the last `grain` of the magnitude, and the sign. */
function cellOf(value: number, grain: number): bigint {
  const [bits] = new BigUint64Array(Float64Array.of(Math.abs(value)).buffer)
  const cell = bits! >> BigInt(grain)
  return value < 0 ? -1n - cell : cell
}

test('values share a cell from their joining grain on, and not before', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const grain = joiningGrains(Float64Array.of(a, b))[1]!
      for (const candidate of [0, grain - 1, grain, LARGEST_GRAIN]) {
        if (candidate < 0 || candidate > LARGEST_GRAIN) continue
        expect(cellOf(a, candidate) === cellOf(b, candidate)).toBe(candidate >= grain)
      }
    }),
    { numRuns: 2000 },
  )
})

test('the grain for a number of cells is the smallest that gives no more', () => {
  fc.assert(
    fc.property(
      lists,
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 0, max: 63 }),
      (list, most, from) => {
        const values = Float64Array.from(list).toSorted()
        const cells = (grain: number) => new Set([...values].map((value) => cellOf(value, grain))).size
        const grain = grainFor(joiningGrains(values), from, most)
        expect(cells(grain)).toBeLessThanOrEqual(most)
        if (grain > from) expect(cells(grain - 1)).toBeGreaterThan(most)
      },
    ),
    { numRuns: 1000 },
  )
})

test('neighbouring floats join at 1, the ends of a power of two at 52, all of one sign at 63, both signs never', () => {
  const next = 1 + Number.EPSILON
  const last = 2 - Number.EPSILON
  expect([...joiningGrains(Float64Array.of(-1e300, -1, 0, 5e-324, 1, next, last, 1e300))].slice(1)).toEqual([
    63, 64, 1, 62, 1, 52, 63,
  ])
})
