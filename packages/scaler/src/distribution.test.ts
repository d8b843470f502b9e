import { expectClose } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import { Distribution, distancesOf } from './distribution.js'

const distribution = (bins: [low: number, high: number, weight: number][]) =>
  new Distribution({
    grain: 50,
    low: Float64Array.from(bins, ([low]) => low),
    high: Float64Array.from(bins, ([, high]) => high),
    weight: Float64Array.from(bins, ([, , weight]) => weight),
  })

/** Evenly from 0 to 2, and half of it at the ends with the other half around 1. */
const even = distribution([[0, 2, 8]])
const split = distribution([
  [0, 0, 1],
  [0.9, 1.1, 2],
  [2, 2, 1],
])

describe('a distribution', () => {
  test('steps at single values and rises over bins', () => {
    expect([-1, 0, 0.5, 1, 2, 3].map((x) => even.share(x))).toEqual([0, 0, 0.25, 0.5, 1, 1])
    expectClose(
      [-1, 0, 0.5, 1, 2, 3].map((x) => split.share(x)),
      [0, 0, 0.25, 0.5, 0.75, 1],
    )
    expectClose(
      [0, 1, 2].map((x) => split.share(x, { included: true })),
      [0.25, 0.5, 1],
    )
  })

  test('tells how much of it is in one bin', () => {
    expect([even.resolution, split.resolution]).toEqual([1, 0.5])
  })
})

test('distances are exact where two rising functions cross between their limits', () => {
  // Two triangles of .0625 outside of 0.5 and 1.5, two of .04 inside, and .02 where the functions cross at 1.
  const expected = { ks: 0.25, wasserstein: 2 * 0.0625 + 2 * 0.04 + 0.02 }
  for (const { ks, wasserstein } of [distancesOf(even, split), distancesOf(split, even)]) {
    expectClose([ks, wasserstein], [expected.ks, expected.wasserstein], { absolute: 1e-12, relative: 0 })
  }
})

test('the largest distance may lie just above a single value', () => {
  const start = distribution([
    [0, 0, 2],
    [1, 2, 2],
  ])
  expect(distancesOf(even, start)).toEqual({ ks: 0.5, wasserstein: 0.25 })
})
