import {
  add,
  type DoubleDouble,
  divide,
  multiply,
  subtract,
  times,
  twoProduct,
  twoSum,
  ZERO,
} from './double-double.js'

/** Total weight, mean and sum of squared deviations of a sample. */
export interface Moments {
  /** Number of values, or the sum of their weights. */
  readonly weight: DoubleDouble
  /** In units. */
  readonly mean: DoubleDouble
  /** `Σ w (x − mean)²` in squares of units. */
  readonly squares: DoubleDouble
  /** 1, or {@link LARGE_UNIT} where sums and squares of the values would overflow. */
  readonly unit: number
}

export const LARGE_UNIT = 2 ** 600
/** Up to here 2^60 squares fit into float64. */
const LARGEST_IN_ONES = 2 ** 480

export const NO_MOMENTS: Moments = { weight: ZERO, mean: ZERO, squares: ZERO, unit: 1 }

/**
 * Moments of a sample in two passes: the second one subtracts the mean of the first, so that a large mean does not
 * cancel a small variance. Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American
 * Statistician 37(3), 1983. Without weights each value weighs 1.
 */
export function momentsOf(values: Float64Array, weights?: Float64Array): Moments {
  if (values.some((value) => Math.abs(value) > LARGEST_IN_ONES)) {
    return {
      ...momentsInOnes(
        values.map((value) => value / LARGE_UNIT),
        weights,
      ),
      unit: LARGE_UNIT,
    }
  }
  return momentsInOnes(values, weights)
}

function momentsInOnes(values: Float64Array, weights: Float64Array | undefined): Moments {
  const weight = weights ? sumOf(weights) : { high: values.length, low: 0 }
  if (weight.high === 0) return NO_MOMENTS
  const mean = divide(weights ? sumOfProducts(values, weights) : sumOf(values), weight)
  const squares = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const deviation = values[index]! - mean.high - mean.low
    squares[index] = deviation * deviation * (weights ? weights[index]! : 1)
  }
  return { weight, mean, squares: sumOf(squares), unit: 1 }
}

/**
 * Moments of two samples together, from the moments of each:
 * `δ = mean_b − mean_a`, `mean = mean_a + δ·n_b/n`, `squares = squares_a + squares_b + δ²·n_a·n_b/n`.
 *
 * Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", Stanford
 * University, STAN-CS-79-773, 1979. With one value as b these are Welford's updates.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.weight.high === 0) return b
  if (b.weight.high === 0) return a
  if (a.unit !== b.unit) return mergeMoments(inLargeUnits(a), inLargeUnits(b))
  const weight = add(a.weight, b.weight)
  const delta = subtract(b.mean, a.mean)
  const step = multiply(delta, divide(b.weight, weight))
  const between = multiply(multiply(delta, step), a.weight)
  return { weight, mean: add(a.mean, step), squares: add(add(a.squares, b.squares), between), unit: a.unit }
}

function inLargeUnits(moments: Moments): Moments {
  if (moments.unit === LARGE_UNIT) return moments
  const mean = times(moments.mean, 1 / LARGE_UNIT)
  const squares = times(times(moments.squares, 1 / LARGE_UNIT), 1 / LARGE_UNIT)
  return { ...moments, mean, squares, unit: LARGE_UNIT }
}

/** The sum with the rounding errors of all its steps. Written without objects: it is the inner loop of a fit. */
function sumOf(values: Float64Array): DoubleDouble {
  let high = 0
  let low = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    const next = high + value
    const part = next - high
    low += high - (next - part) + (value - part)
    high = next
  }
  return twoSum(high, low)
}

function sumOfProducts(values: Float64Array, weights: Float64Array): DoubleDouble {
  let sum = ZERO
  for (let index = 0; index < values.length; index++) {
    sum = add(sum, twoProduct(values[index]!, weights[index]!))
  }
  return sum
}
