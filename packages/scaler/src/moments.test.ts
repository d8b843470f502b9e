import fc from 'fast-check'
import { expect, test } from 'vitest'
import { add, divide, multiply, twoProduct, twoSum } from './double-double.js'
import { type Moments, mergeMoments, momentsOf, NO_MOMENTS } from './moments.js'

const settings = { seed: 8, numRuns: 300 }
const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 })

/** Mean and variance, to the 1e-12 of the largest value or square that a difference in order may make. */
const figures = ({ weight, mean, squares }: Moments) => [weight.high, mean.high, squares.high / weight.high]

function expectSame(actual: Moments, expected: Moments): void {
  const [a, e] = [figures(actual), figures(expected)]
  a.forEach((value, index) => {
    expect(Math.abs(value - e[index]!)).toBeLessThanOrEqual(1e-12 * Math.abs(e[index]!) + 1e-25)
  })
}

test('merging in any order, of any parts, gives the same moments to 1e-12', () => {
  fc.assert(
    fc.property(numbers, numbers, numbers, (...lists) => {
      const [a, b, c] = lists.map((list) => momentsOf(Float64Array.from(list))) as [Moments, Moments, Moments]
      const whole = momentsOf(Float64Array.from(lists.flat()))
      expectSame(mergeMoments(mergeMoments(a, b), c), whole)
      expectSame(mergeMoments(a, mergeMoments(b, c)), whole)
      expectSame(mergeMoments(c, mergeMoments(b, a)), whole)
    }),
    settings,
  )
})

test('Welford updates, one value at a time, equal two passes over a sorted or shuffled sample to 1e-12', () => {
  const values = Float64Array.from({ length: 20_000 }, (_, i) => 1e7 + Math.sin(i * 12.9898) * 43.758)
  const whole = momentsOf(values)
  for (const order of [values, values.toSorted(), values.toReversed()]) {
    let single = NO_MOMENTS
    for (const value of order) single = mergeMoments(single, momentsOf(Float64Array.of(value)))
    expectSame(single, whole)
  }
})

test('a weight of 3 is the value three times', () => {
  const weighted = momentsOf(Float64Array.of(4, 7, 13), Float64Array.of(3, 1, 2))
  expectSame(weighted, momentsOf(Float64Array.of(4, 4, 4, 7, 13, 13)))
})

test('the variance survives a mean that is a billion times larger', () => {
  const values = Float64Array.of(4, 7, 13, 16).map((value) => value + 1e9)
  expect(figures(momentsOf(values))).toEqual([4, 1e9 + 10, 22.5])
})

test('a sum keeps what plain float64 loses', () => {
  expect(momentsOf(Float64Array.of(1e17, 1, -1e17, 1)).mean.high).toBe(0.5)
})

test('no values have no moments', () => {
  expect(momentsOf(new Float64Array(0))).toEqual(NO_MOMENTS)
  expect(momentsOf(Float64Array.of(3), Float64Array.of(0))).toEqual(NO_MOMENTS)
})

/** A double-double in units of 2^-1074, exactly. */
function exact(value: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(value)).buffer)[0]!
  const exponent = bits >> 52n
  const fraction = bits & ((1n << 52n) - 1n)
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return value < 0 ? -magnitude : magnitude
}

const ordinary = fc.double({ min: 1e-60, max: 1e60, noNaN: true }).chain((x) => fc.constantFrom(x, -x))

test('the error of a sum and of a product is exact', () => {
  fc.assert(
    fc.property(ordinary, ordinary, (a, b) => {
      const sum = twoSum(a, b)
      expect(exact(sum.high) + exact(sum.low)).toBe(exact(a) + exact(b))
      const product = twoProduct(a, b)
      expect((exact(product.high) + exact(product.low)) << 1074n).toBe(exact(a) * exact(b))
    }),
    settings,
  )
})

test('sums, products and quotients have thirty digits', () => {
  const third = divide({ high: 1, low: 0 }, { high: 3, low: 0 })
  const whole = add(add(third, third), third)
  expect(whole.high - 1 + whole.low).toBeLessThan(1e-31)
  const product = multiply(third, { high: 3e300, low: 0 })
  expect(Math.abs(product.high - 1e300 + product.low) / 1e300).toBeLessThan(1e-31)
})
