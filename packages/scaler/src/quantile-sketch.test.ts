import { expectClose } from '@dlkit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countFew } from './count-few.js'
import { QuantileSketch } from './quantile-sketch.js'

/** Values in (0, 1) that look random; every test sees the same ones. */
function spread(count: number, seed = 1): Float64Array {
  let state = seed
  return Float64Array.from({ length: count }, () => {
    state = (state * 16807) % 2147483647
    return state / 2147483647
  })
}

/** Normal values by Box and Muller. */
function normal(count: number, seed = 1): Float64Array {
  const uniform = spread(2 * count, seed)
  return Float64Array.from({ length: count }, (_, index) => {
    const [u, v] = [uniform[2 * index]!, uniform[2 * index + 1]!]
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
  })
}

function sketchOf(size: number, ...batches: Float64Array[]): QuantileSketch {
  const sketch = new QuantileSketch(size)
  for (const batch of batches) sketch.add(batch)
  return sketch
}

const contents = ({ bins: { grain, low, high, weight } }: QuantileSketch) => [
  grain,
  [...low],
  [...high],
  [...weight],
]

const anyNumbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 120,
})

describe('with no more different values than bins', () => {
  test('quantiles are those of the sorted values', () => {
    const sketch = sketchOf(32, Float64Array.of(7, 1, 3, 3), Float64Array.of(-2))
    expect(sketch.exact).toBe(true)
    expect([0, 0.25, 0.5, 0.6, 0.875, 1].map((p) => sketch.quantile(p).high)).toEqual([-2, 1, 3, 3, 5, 7])
  })

  test('a weight counts a value more often', () => {
    const weighted = new QuantileSketch(32)
    weighted.add(Float64Array.of(5, 1, 2), Float64Array.of(2, 3, 1))
    expect(contents(weighted)).toEqual(contents(sketchOf(32, Float64Array.of(1, 1, 1, 2, 5, 5))))
  })

  test('any number of values is exact', () => {
    const values = spread(100_000).map((value) => Math.floor(value * 256))
    const sketch = sketchOf(256, values)
    expect(sketch.exact).toBe(true)
    expect(sketch.quantile(0.3).high).toBe(values.toSorted()[Math.round(0.3 * 99_999)])
  })
})

describe('with more different values', () => {
  test('it stays within its size and keeps weight and limits', () => {
    for (const values of [
      normal(20_000),
      spread(20_000).map((x) => 1e9 + x),
      spread(20_000).map((x) => 10 ** (600 * x - 300)),
    ]) {
      const { bins, exact } = sketchOf(256, values)
      expect(exact).toBe(false)
      expect(bins.low.length).toBeLessThanOrEqual(256)
      expect(bins.low.length).toBeGreaterThan(64)
      expect(bins.weight.reduce((sum, weight) => sum + weight, 0)).toBe(20_000)
      expect(bins.low[0]).toBe(values.toSorted()[0])
      expect(bins.high.at(-1)).toBe(values.toSorted().at(-1))
      bins.low.forEach((low, bin) => {
        expect(low).toBeLessThanOrEqual(bins.high[bin]!)
        if (bin > 0) expect(low).toBeGreaterThan(bins.high[bin - 1]!)
      })
    }
  })

  test('quantiles of normal values are right to half a percent', () => {
    const values = normal(50_000)
    const sorted = values.toSorted()
    const sketch = sketchOf(1024, values)
    for (const p of [0.001, 0.05, 0.25, 0.5, 0.9, 0.999]) {
      const rank = p * 49_999
      const exact =
        sorted[Math.floor(rank)]! + (rank % 1) * (sorted[Math.ceil(rank)]! - sorted[Math.floor(rank)]!)
      expectClose([sketch.quantile(p).high], [exact], { absolute: 0.005, relative: 0.005 })
    }
  })

  test('an outlier does not cost the others their bins', () => {
    const values = normal(50_000)
    const withOutliers = Float64Array.of(...values, 1e300, -1e300, 1e-300)
    const quarterOf = (sample: Float64Array) => sketchOf(1024, sample).quantile(0.25).high
    expectClose([quarterOf(withOutliers)], [quarterOf(values)], {
      absolute: 0.01,
      relative: 0,
    })
  })
})

test('the sketch does not depend on the order of the values or on how they are cut', () => {
  fc.assert(
    fc.property(
      anyNumbers,
      fc.integer({ min: 0, max: 120 }),
      fc.integer({ min: 0, max: 120 }),
      (list, a, b) => {
        const values = Float64Array.from(list, (value) => value + 0)
        const [first, second] = [Math.min(a, b), Math.max(a, b)]
        const parts = [values.slice(second), values.slice(0, first), values.slice(first, second)]
        const whole = contents(sketchOf(32, values))
        expect(contents(sketchOf(32, ...parts))).toEqual(whole)
        expect(contents(sketchOf(32, values.toReversed()))).toEqual(whole)
      },
    ),
    { seed: 3, numRuns: 300 },
  )
})

test('merging is associative and commutative, and equals adding', () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, anyNumbers, (...lists) => {
      const [a, b, c] = lists.map((list) => Float64Array.from(list, (value) => value + 0)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ]
      const merged = (...parts: QuantileSketch[]) => {
        const sketch = new QuantileSketch(32)
        for (const part of parts) sketch.merge(part)
        return sketch
      }
      const [x, y, z] = [sketchOf(32, a), sketchOf(32, b), sketchOf(32, c)]
      const whole = contents(sketchOf(32, a, b, c))
      expect(contents(merged(merged(x, y), z))).toEqual(whole)
      expect(contents(merged(x, merged(y, z)))).toEqual(whole)
      expect(contents(merged(z, x, y))).toEqual(whole)
    }),
    { seed: 4, numRuns: 300 },
  )
})

test('single values, one at a time, give the same sketch', () => {
  const values = normal(5000)
  const single = sketchOf(64, ...Array.from(values, (value) => Float64Array.of(value)))
  expect(contents(single)).toEqual(contents(sketchOf(64, values)))
})

test('countFew gives up on more than 1,024 values, and takes both zeros as one', () => {
  expect(countFew(spread(1025), undefined)).toBeUndefined()
  expect(countFew(spread(1024), undefined)?.values).toHaveLength(1024)
  expect(countFew(Float64Array.of(0, -0, 3), Float64Array.of(1, 2, 4))).toEqual({
    values: Float64Array.of(0, 3),
    weights: Float64Array.of(3, 4),
  })
})
