import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { align } from '../page/align.js'
import { smoothed, thin } from './thin.js'

const value = fc.oneof(fc.double({ noNaN: false }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))

describe('thin', () => {
  test('keeps the extremes, the ends and a value that is no number, in order and within its bound', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (values, count) => {
          const kept = thin(values, count)
          expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b))
          expect(kept[0]).toBe(0)
          expect(kept.at(-1)).toBe(values.length - 1)
          expect(kept.length).toBeLessThanOrEqual(Math.max(count, 3 * Math.floor(count / 2) + 2))
          const finite = values.filter(Number.isFinite)
          const shown = kept.map((index) => values[index]!)
          for (const extreme of [Math.min, Math.max])
            expect(extreme(...shown.filter(Number.isFinite))).toBe(extreme(...finite))
          expect(shown.every(Number.isFinite)).toBe(values.every(Number.isFinite))
        },
      ),
    )
  })

  test('keeps all of few points, and only the range', () => {
    expect(thin([5, 4, 3], 3)).toEqual([0, 1, 2])
    expect(thin([9, 5, 4, 3, 9], 3, 1, 4)).toEqual([1, 2, 3])
    expect(thin([], 3)).toEqual([])
  })
})

test('smoothed begins with the first value and passes over what is no number', () => {
  expect(smoothed(undefined, 4, 0.9)).toBe(4)
  expect(smoothed(4, 2, 0.75)).toBe(3.5)
  expect(smoothed(4, Number.NaN, 0.75)).toBe(4)
  expect(smoothed(undefined, Number.NaN, 0.75)).toBeUndefined()
})

describe('align', () => {
  test('puts lines with steps of their own over common ones', () => {
    expect(
      align([
        { x: [1, 3], y: [10, Number.NaN] },
        { x: [2, 3], y: [20, 30] },
      ]),
    ).toEqual([
      [1, 2, 3],
      [10, undefined, null],
      [undefined, 20, 30],
    ])
    expect(align([])).toEqual([[]])
  })

  test('puts many points on one grid that keeps the extremes of each line at about their place', () => {
    const lines = Array.from({ length: 5 }, (_, line) => ({
      x: Array.from({ length: 3000 }, (_, index) => 10 * index + line),
      y: Array.from({ length: 3000 }, (_, index) => (index === 1234 ? 50 + line : Math.sin(index))),
    }))
    const [x, ...columns] = align(lines)
    expect(x.length).toBeLessThan(2500)
    expect(x).toEqual([...x].sort((a, b) => a - b))
    for (const [line, column] of columns.entries()) {
      expect(column).toHaveLength(x.length)
      const highest = column.indexOf(50 + line)
      expect(Math.abs(x[highest]! - 12_340)).toBeLessThan(30)
      expect(Math.min(...column.filter((one) => typeof one === 'number'))).toBeCloseTo(-1, 3)
    }
  })
})
