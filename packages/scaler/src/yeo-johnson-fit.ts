import type { Bins } from './bins.js'
import { minimum } from './minimum.js'
import { logRatio, powerOf, type YeoJohnson } from './yeo-johnson.js'

const LARGEST_EXPONENT = 60

/** Values with their weights. */
interface Points {
  values: Float64Array
  weights: Float64Array
}

/**
 * The function that brings a feature nearest to a normal distribution: λ of the largest likelihood, mean 0 and deviation 1.
 *
 * Yeo and Johnson 2000, "A new family of power transformations to improve normality or symmetry", Biometrika 87(4). The
 * likelihood is concave in λ (Marchand et al. 2022, arXiv:2210.01639), so that its largest value is found by descent. It
 * is calculated from logarithms relative to a reference, so that neither large values nor a small spread lose it.
 *
 * @param bins of values that are not all the same.
 */
export function fitYeoJohnson(bins: Bins): YeoJohnson {
  const points = pointsOf(bins)
  const sign = points.values.some((value) => value > 0) ? 1 : -1
  const values = points.values.map((value) => sign * value)
  const { weights } = points
  const total = sum(weights)
  const reference = values.some((value) => value < 0) ? 0 : medianOf(values, weights, total)
  const logReference = Math.log1p(reference)
  // log((1 + x) / (1 + r)), or −log(1 − x) for negative values, beside which r is 0
  const logs = values.map((x) => (x >= 0 ? logRatio(x, reference, logReference) : -Math.log1p(-x)))
  const [low, high] = [least(logs), -least(logs.map((t) => -t))]
  const hasNegative = reference === 0 && low < 0
  const meanLog = sum(logs.map((t, index) => t * weights[index]!)) / total

  const u = new Float64Array(values.length)
  const scaleOf = (power: number) => {
    const exponents = [power * high, hasNegative ? (power - 2) * low : power * low]
    const shift = Math.max(0, Math.max(...exponents) - LARGEST_EXPONENT)
    for (let index = 0; index < u.length; index++) {
      const t = logs[index]!
      u[index] = values[index]! >= 0 ? powerOf(t, power, shift) : -powerOf(-t, 2 - power, shift)
    }
    return { shift, ...spreadOf(u, weights, total) }
  }
  /** Minus the logarithm of the likelihood, divided by the number of rows, but for a constant. */
  const loss = (power: number) => {
    const { shift, deviation } = scaleOf(power)
    return Math.log(deviation) + shift - power * meanLog
  }
  const power = minimum(loss, 1, 1 / (high - low))
  const lambda = sign === 1 ? power : 2 - power
  return { lambda, sign, power, reference, logReference, ...scaleOf(power), constant: false }
}

/** Single values of a sketch: those of a bin count as its ends and, the others, its middle. */
function pointsOf({ low, high, weight }: Bins): Points {
  const [values, weights]: [number[], number[]] = [[], []]
  for (let bin = 0; bin < low.length; bin++) {
    const [from, to, all] = [low[bin]!, high[bin]!, weight[bin]!]
    const end = from === to ? all : Math.min(1, all / 2)
    values.push(from)
    weights.push(end)
    if (from === to) continue
    values.push(from / 2 + to / 2, to)
    weights.push(all - 2 * end, end)
  }
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
}

function medianOf(values: Float64Array, weights: Float64Array, total: number): number {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  let before = 0
  for (const index of order) {
    before += weights[index]!
    if (before >= total / 2) return values[index]!
  }
  return values[order.at(-1)!]!
}

/** In units of the largest magnitude, so that no square overflows. Plain loops: they are most of a fit's time. */
function spreadOf(u: Float64Array, weights: Float64Array, total: number) {
  let unit = 0
  for (let index = 0; index < u.length; index++) unit = Math.max(unit, Math.abs(u[index]!))
  let mean = 0
  for (let index = 0; index < u.length; index++) mean += (u[index]! / unit) * weights[index]!
  mean /= total
  let squares = 0
  for (let index = 0; index < u.length; index++) squares += (u[index]! / unit - mean) ** 2 * weights[index]!
  return { mean: mean * unit, deviation: Math.sqrt(squares / total) * unit }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function least(values: Float64Array): number {
  return values.reduce((smallest, value) => Math.min(smallest, value), Number.POSITIVE_INFINITY)
}
