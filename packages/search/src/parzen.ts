import { normalShare } from './normal-distribution.js'
import { normal, type Random } from './random.js'
import type {
  ChoiceParameter,
  ChoiceValue,
  FloatParameter,
  IntParameter,
  Parameter,
  Params,
} from './space.js'
import { clamp } from './unit-interval.js'

/** The kernels of one parameter: one around each observation, and the prior as the last one. */
interface Kernels {
  sample(kernel: number, random: Random): ChoiceValue
  logDensity(kernel: number, value: ChoiceValue): number
}

/**
 * A density over several parameters at once: a mixture of products of kernels around observations, and a wide prior.
 *
 * Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; the widths and weights are those that Watanabe 2023,
 * arXiv 2304.11127, describes for multivariate TPE in Optuna.
 */
export class ParzenEstimator {
  readonly #weights: readonly number[]
  readonly #kernels: readonly (readonly [name: string, Kernels])[]

  /** @param observations parameters of trials, oldest first; each has a value for every parameter of the space. */
  constructor(parameters: Readonly<Record<string, Parameter>>, observations: readonly Params[]) {
    const weights = [...recencyWeights(observations.length), 1]
    const total = weights.reduce((sum, weight) => sum + weight)
    this.#weights = weights.map((weight) => weight / total)
    this.#kernels = Object.entries(parameters).map(([name, parameter]) => {
      const values = observations.map((params) => params[name]!)
      return [
        name,
        parameter.kind === 'choice'
          ? choiceKernels(parameter, values)
          : numericKernels(parameter, values as number[]),
      ] as const
    })
  }

  sample(random: Random): Params {
    const kernel = pick(this.#weights, random)
    return Object.fromEntries(this.#kernels.map(([name, kernels]) => [name, kernels.sample(kernel, random)]))
  }

  logDensity(params: Params): number {
    const terms = this.#weights.map((weight, kernel) =>
      this.#kernels.reduce(
        (sum, [name, own]) => sum + own.logDensity(kernel, params[name]!),
        Math.log(weight),
      ),
    )
    const largest = Math.max(...terms)
    return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0))
  }
}

const NEWEST = 25

/** The newest 25 trials count fully, older ones linearly less. */
function recencyWeights(count: number): number[] {
  const old = Math.max(0, count - NEWEST)
  return Array.from({ length: count }, (_, index) => {
    if (index >= old || old === 1) return index >= old ? 1 : 1 / count
    return 1 / count + ((1 - 1 / count) * index) / (old - 1)
  })
}

function choiceKernels({ choices }: ChoiceParameter, observed: readonly ChoiceValue[]): Kernels {
  const smoothing = 1 / (observed.length + 1)
  const share = (kernel: number, index: number) => {
    if (kernel === observed.length) return 1 / choices.length
    const hit = choices[index] === observed[kernel] ? 1 : 0
    return (smoothing + hit) / (smoothing * choices.length + 1)
  }
  return {
    sample: (kernel, random) =>
      choices[
        pick(
          choices.map((_, index) => share(kernel, index)),
          random,
        )
      ]!,
    logDensity: (kernel, value) => Math.log(share(kernel, choices.indexOf(value))),
  }
}

/** Truncated normal kernels, of logarithms where the parameter is logarithmic; integrated over the step of whole numbers. */
function numericKernels(parameter: FloatParameter | IntParameter, observed: readonly number[]): Kernels {
  const half = parameter.kind === 'int' ? parameter.step / 2 : 0
  const scale = parameter.log ? Math.log : (value: number) => value
  const [low, high] = [scale(parameter.low - half), scale(parameter.high + half)]
  const range = high - low || 1
  const means = observed.map(scale)
  const deviations = [...bandwidths(means, low, high), range]
  means.push((low + high) / 2)
  const share = (kernel: number, from: number, to: number) =>
    normalShare((to - means[kernel]!) / deviations[kernel]!) -
    normalShare((from - means[kernel]!) / deviations[kernel]!)
  const logMasses = means.map((_, kernel) => Math.log(share(kernel, low, high)))
  return {
    sample(kernel, random) {
      if (parameter.low === parameter.high) return parameter.low
      let drawn: number
      do drawn = means[kernel]! + deviations[kernel]! * normal(random)
      while (drawn < low || drawn > high)
      const value = parameter.log ? Math.exp(drawn) : drawn
      const rounded =
        parameter.kind === 'int'
          ? parameter.low + parameter.step * Math.round((value - parameter.low) / parameter.step)
          : value
      return clamp(rounded, parameter.low, parameter.high)
    },
    logDensity(kernel, value) {
      if (parameter.kind === 'int') {
        const [from, to] = [scale((value as number) - half), scale((value as number) + half)]
        return Math.log(Math.max(0, share(kernel, from, to))) - logMasses[kernel]!
      }
      const z = (scale(value as number) - means[kernel]!) / deviations[kernel]!
      return (-z * z) / 2 - Math.log(deviations[kernel]! * Math.sqrt(2 * Math.PI)) - logMasses[kernel]!
    },
  }
}

/** Of each kernel the distance to its farther neighbour, neither tiny nor wider than the range. */
function bandwidths(means: readonly number[], low: number, high: number): number[] {
  const order = means.map((_, index) => index).sort((a, b) => means[a]! - means[b]!)
  const smallest = (high - low) / Math.min(100, means.length + 2)
  const widths = new Array<number>(means.length)
  order.forEach((index, rank) => {
    const [before, after] = [order[rank - 1], order[rank + 1]]
    const own = means[index]!
    const left = before === undefined ? undefined : own - means[before]!
    const right = after === undefined ? undefined : means[after]! - own
    const alone = Math.max(own - low, high - own)
    widths[index] = clamp(Math.max(left ?? right ?? alone, right ?? left ?? alone), smallest, high - low) || 1
  })
  return widths
}

function pick(weights: readonly number[], random: Random): number {
  let rest = random()
  const found = weights.findIndex((weight) => {
    rest -= weight
    return rest < 0
  })
  return found === -1 ? weights.length - 1 : found
}
