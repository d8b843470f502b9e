import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interquartileRange, median, quantile } from './order-statistics.js'

// numpy 2.4.6: np.quantile([7, 1, 5, 2], [0, .1, .25, .5, .9, 1])
test('quantiles interpolate linearly like numpy', () => {
  const values = [0, 0.1, 0.25, 0.5, 0.9, 1].map((p) => quantile([7, 1, 5, 2], p))
  expect(values.map((value) => Number(value.toFixed(9)))).toEqual([1, 1.3, 1.75, 3.5, 6.4, 7])
  expect(interquartileRange([7, 1, 5, 2])).toBe(3.75)
  expect(median([4, -1, 3])).toBe(3)
  expect(median([])).toBeNaN()
})

test('a quantile lies within the sample, grows with p and leaves the sample as it is', () => {
  const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 })
  const share = fc.double({ noNaN: true, min: 0, max: 1 })
  fc.assert(
    fc.property(sample, share, share, (values, a, b) => {
      const before = [...values]
      const [low, high] = [quantile(values, Math.min(a, b)), quantile(values, Math.max(a, b))]
      expect(low).toBeGreaterThanOrEqual(Math.min(...values))
      expect(high).toBeLessThanOrEqual(Math.max(...values))
      expect(low).toBeLessThanOrEqual(high)
      expect(values).toEqual(before)
    }),
    { seed: 3 },
  )
})
