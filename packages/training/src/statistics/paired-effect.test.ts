import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pairedEffect } from './paired-effect.js'
import { studentQuantile, studentShare } from './student-t.js'

const { quantiles, intervals } = JSON.parse(
  readFileSync(new URL('../../fixtures/student.json', import.meta.url), 'utf8'),
)

test.each(quantiles as [number, number, number][])(
  'quantile %d with %d degrees is that of SciPy',
  (share, degrees, t) => {
    expect(Math.abs(studentQuantile(share, degrees) - t)).toBeLessThanOrEqual(1e-9 * Math.max(1, t))
    expect(studentShare(-t, degrees)).toBeCloseTo(1 - share, 12)
  },
)

test.each(intervals as { differences: number[]; confidence: number; low: number; high: number }[])(
  'the interval of $differences at $confidence is that of SciPy',
  ({ differences, confidence, low, high }) => {
    const effect = pairedEffect(differences, confidence)
    expect(effect.low).toBeCloseTo(low, 9)
    expect(effect.high).toBeCloseTo(high, 9)
  },
)

test('so many seeds as are said to be needed are needed', () => {
  const pattern = [1.5, -0.5]
  const { seedsNeeded } = pairedEffect(pattern.concat(pattern), 0.95)
  const many = (count: number) =>
    pairedEffect(
      Array.from({ length: count }, (_, index) => pattern[index % 2]!),
      0.95,
    )
  expect(seedsNeeded).toBeGreaterThan(10)
  expect(many(Math.ceil(seedsNeeded / 2) * 2 + 2).low).toBeGreaterThan(0)
  expect(many(Math.floor(seedsNeeded / 2) * 2 - 6).low).toBeLessThan(0)
})
