import { normalShare } from './normal-distribution.js'
import { paretoOrder } from './pareto.js'
import type { StudyView } from './read-studies.js'
import type { Parameter, Space } from './space.js'
import type { Study } from './study.js'
import { losses, type Trial } from './trial.js'
import { sizeOf } from './unit-interval.js'

/**
 * How much each parameter decides whether a trial is among the best tenth, as shares of 1, the largest first. Needs two
 * complete trials; with fewer than about 50 it is a guess. A parameter that exists only in some trials counts by those.
 *
 * PED-ANOVA: Watanabe et al. 2023, arXiv 2304.10255.
 *
 * @throws {Error} when fewer than two trials are complete.
 */
export function parameterImportance<S extends Space>(
  study: Study<S> | StudyView,
): Partial<Record<keyof S & string, number>> {
  const directions = Object.values(study.metrics)
  const trials = (study.trials as unknown as readonly Trial[]).filter(
    ({ state, values }) => state === 'complete' && values!.every(Number.isFinite),
  )
  if (trials.length < 2)
    throw new Error(
      `parameterImportance: expected two complete trials, got ${trials.length}. Run more of them.`,
    )
  const best = bestTenth(trials.map((trial) => losses(trial, directions)))
  const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))]
  const divergences = names.map((name) => {
    const having = trials.filter(({ params }) => name in params)
    const top = trials.filter((trial, index) => best.has(index) && name in trial.params)
    const parameter = having.reduce(
      (widest, { distributions }) => wider(widest, distributions[name]!),
      having[0]!.distributions[name]!,
    )
    if (having.length < 2 || top.length === 0 || sizeOf(parameter) === 1) return [name, 0] as const
    const weight = (top.length / best.size) ** 2 / (having.length / trials.length)
    const valuesOf = (some: readonly Trial[]) => some.map(({ params }) => params[name]!)
    return [
      name,
      weight * pearson(density(parameter, valuesOf(top)), density(parameter, valuesOf(having))),
    ] as const
  })
  const total = divergences.reduce((sum, [, divergence]) => sum + divergence, 0)
  const shares = divergences.map(
    ([name, divergence]) => [name, total > 0 ? divergence / total : 1 / names.length] as const,
  )
  return Object.fromEntries(shares.sort((a, b) => b[1] - a[1])) as Partial<Record<keyof S & string, number>>
}

const CELLS = 50

/** The indices of the best tenth, ties with the last one included. */
function bestTenth(points: readonly number[][]): Set<number> {
  const count = Math.ceil(points.length / 10)
  if (points[0]!.length > 1) return new Set(paretoOrder(points).slice(0, count))
  const cutoff = points.map(([loss]) => loss!).sort((a, b) => a - b)[count - 1]!
  return new Set(points.flatMap(([loss], index) => (loss! <= cutoff ? [index] : [])))
}

function pearson(top: readonly number[], all: readonly number[]): number {
  return all.reduce((sum, share, cell) => sum + share * (top[cell]! / share - 1) ** 2, 0)
}

/** Shares of the cells of a parameter's range: a Parzen estimator with Scott's bandwidth on the counts of the cells. */
function density(parameter: Parameter, values: readonly Trial['params'][string][]): number[] {
  const cells = cellsOf(parameter)
  const counts = new Array<number>(cells).fill(0)
  for (const value of values) counts[cellOf(parameter, value, cells)]!++
  const filled = counts.flatMap((count, cell) => (count > 0 ? [cell] : []))
  const kernels = parameter.kind === 'choice' ? choiceKernels(filled, cells) : numericKernels(filled, counts)
  const weights = [...filled.map((cell) => counts[cell]!), 1]
  const total = values.length + 1
  return counts.map((_, cell) =>
    kernels.reduce((sum, kernel, k) => sum + (weights[k]! / total) * kernel(cell), 1e-12),
  )
}

type Kernel = (cell: number) => number

function choiceKernels(filled: readonly number[], cells: number): Kernel[] {
  const smoothing = 1 / (filled.length + 1)
  return [
    ...filled.map(
      (own): Kernel =>
        (cell) =>
          (smoothing + (cell === own ? 1 : 0)) / (1 + smoothing * cells),
    ),
    () => 1 / cells,
  ]
}

function numericKernels(filled: readonly number[], counts: readonly number[]): Kernel[] {
  const weights = filled.map((cell) => counts[cell]!)
  const total = weights.reduce((sum, weight) => sum + weight)
  const mean = filled.reduce((sum, cell, k) => sum + cell * weights[k]!, 0) / total
  const square = filled.reduce((sum, cell, k) => sum + (cell - mean) ** 2 * weights[k]!, 0)
  let sum = 0
  const cumulative = weights.map((weight) => (sum += weight))
  const lower = cumulative.findIndex((below) => below >= Math.floor(total / 4))
  const upper = cumulative.findIndex((below) => below > Math.floor((total * 3) / 4))
  const quartiles = (filled[upper === -1 ? filled.length - 1 : upper]! - filled[lower]!) / 1.34
  const deviation = 1.059 * Math.min(quartiles, Math.sqrt(square / Math.max(1, total - 1))) * total ** -0.2
  // At least 90 % of a kernel lie in its own cell.
  const width = Math.max(deviation, 0.5 / 1.64)
  const last = counts.length - 1
  return [...filled.map((cell) => truncated(cell, width, last)), truncated(last / 2, last + 1, last)]
}

function truncated(mean: number, deviation: number, last: number): Kernel {
  const below = (edge: number) => normalShare((edge - mean) / deviation)
  const mass = below(last + 0.5) - below(-0.5)
  return (cell) => (below(cell + 0.5) - below(cell - 0.5)) / mass
}

function cellsOf(parameter: Parameter): number {
  if (parameter.kind === 'int' && parameter.log)
    return Math.min(CELLS, Math.ceil(Math.log2(parameter.high - parameter.low + 1)) + 1)
  return parameter.kind === 'choice' ? sizeOf(parameter) : Math.min(CELLS, sizeOf(parameter))
}

function cellOf(parameter: Parameter, value: Trial['params'][string], cells: number): number {
  if (parameter.kind === 'choice') return parameter.choices.indexOf(value)
  const scale = parameter.log ? Math.log : (number: number) => number
  const [low, high] = [scale(parameter.low), scale(parameter.high)]
  const cell = Math.ceil(((scale(value as number) - low) / (high - low)) * (cells - 1) - 0.5)
  return Math.min(cells - 1, Math.max(0, cell))
}

function wider(a: Parameter, b: Parameter): Parameter {
  if (a.kind === 'choice' || b.kind === 'choice') return a
  return { ...a, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }
}
