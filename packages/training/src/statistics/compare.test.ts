import { describe, expect, test } from 'vitest'
import { compareWithBaseline } from '../index.js'
import { seededRandom } from './seeded-random.js'

const random = seededRandom(1, 'compare.test')
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const base = (values: readonly number[] | Record<string, number>) => ({ name: 'before', values })

/** Share of repeats in which the interval holds the true improvement of 0. */
function coverage(count: number, noise: () => number): number {
  let held = 0
  const repeats = 300
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = Array.from({ length: count }, () => 10 + 5 * normal())
    const values = before.map((value) => value + noise())
    const { low, high } = compareWithBaseline({ metric: 'loss', baseline: base(before), values })
    if (low <= 0 && high >= 0) held++
  }
  return held / repeats
}

describe('compareWithBaseline', () => {
  test('holds the truth in about 95 % of the cases, few or many, also of skewed differences', () => {
    // 300 repeats of 95 % spread by 1.3 %.
    expect(coverage(6, normal)).toBeGreaterThan(0.92)
    const usual = coverage(30, normal)
    expect(usual).toBeGreaterThan(0.92)
    expect(usual).toBeLessThan(0.98)
    const skewed = coverage(40, () => Math.exp(normal()) - Math.exp(0.5))
    expect(skewed).toBeGreaterThan(0.89)
  })

  test('pairs what the samples share: a small gain on very different samples is seen', () => {
    const before = Array.from({ length: 50 }, () => 20 + 10 * normal())
    const after = before.map((value) => value + 0.3 + 0.1 * normal())
    const better = compareWithBaseline({ metric: 'psnr', baseline: base(before), values: after })
    expect(better).toMatchObject({ verdict: 'better', method: 'bootstrap', count: 50 })
    expect(better.improvement).toBeCloseTo(0.3, 1)
    expect(better.text).toMatch(
      /^psnr: [\d.]+ instead of [\d.]+ \(before\), better by 0\.\d+ \[0\.\d+, 0\.\d+\] at 95 %, 50 samples\.$/,
    )
    const worse = compareWithBaseline({ metric: 'loss', baseline: base(before), values: after })
    expect(worse.verdict).toBe('worse')
    expect(worse.improvement).toBe(-better.improvement)
    expect(worse.text).toMatch(/worse by 0\.\d+ \[0\.\d+, 0\.\d+\]/)
  })

  test('does not call a difference what chance explains', () => {
    const { verdict, text } = compareWithBaseline({
      metric: 'loss',
      over: 'seeds',
      baseline: base([1, 1.2, 0.9]),
      values: [0.9, 1.3, 0.7],
    })
    expect(verdict).toBe('undecided')
    expect(text).toMatch(/3 seeds; the seeds explain the difference\.$/)
  })

  test('takes partners by name, in any order, and is the same each time', () => {
    const before = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`p${i}`, i]))
    const after = Object.fromEntries(
      Object.entries(before)
        .reverse()
        .map(([key, value]) => [key, value - 1 - (value % 2)]),
    )
    const args = { metric: 'loss', baseline: base(before), values: after }
    expect(compareWithBaseline(args)).toEqual(compareWithBaseline(args))
    expect(compareWithBaseline(args)).toMatchObject({ verdict: 'better', improvement: 1.48 })
    const wide = compareWithBaseline({ ...args, confidence: 0.999 })
    expect(wide.low).toBeLessThan(compareWithBaseline(args).low)
  })

  test('equal values are no difference, the same difference everywhere is one', () => {
    const values = Array.from({ length: 30 }, (_, i) => i)
    expect(compareWithBaseline({ metric: 'm', baseline: base(values), values }).verdict).toBe('undecided')
    const less = values.map((value) => value - 1)
    expect(compareWithBaseline({ metric: 'm', baseline: base(values), values: less })).toMatchObject({
      verdict: 'better',
      low: 1,
      high: 1,
    })
  })

  test.each([
    [[1, 2, 3, 4], [1, 2, 3], 'got 4 of before and 3 (without partner: 3). Measure both on the same.'],
    [{ a: 1, b: 2, c: 3 }, { a: 1, b: 2, d: 3 }, '(without partner: c, d)'],
    [[1, 2], [1, 2], 'got 2. With fewer than 3, chance cannot be told from effect.'],
    [[1, 2, 3], [1, Number.NaN, 3], 'got 2 and NaN for 1. Find out why it is no number.'],
  ])('%j with %j is refused', (before, values, message) => {
    expect(() =>
      compareWithBaseline({ metric: 'm', baseline: base(before as number[]), values: values as number[] }),
    ).toThrow(message)
  })
})
