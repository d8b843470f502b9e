import type { ChoiceValue, FloatParameter, IntParameter, Parameter } from '../space.js'
import { clamp, sizeOf } from '../unit-interval.js'

const COARSE = 10
const FINE = 3

type Limit = readonly [low: number, high: number] | undefined
type Numeric = FloatParameter | IntParameter

/** Powers of ten apart on a logarithmic range, `levels` even steps on others, everything of a choice. */
export function coarseValues(parameter: Parameter, levels: number): readonly ChoiceValue[] {
  if (parameter.kind === 'choice') return parameter.choices
  const { low, high, log } = parameter
  if (!log) {
    const count = Math.min(levels, sizeOf(parameter))
    return distinct(
      parameter,
      Array.from({ length: count }, (_, index) => low + ((high - low) * index) / Math.max(1, count - 1)),
    )
  }
  const decades = Math.floor(Math.log10(high / low) + 1e-9)
  const values = Array.from({ length: decades + 1 }, (_, index) => low * COARSE ** index)
  // The rest of the range counts where it is at least half a step.
  if (high / values.at(-1)! >= Math.sqrt(COARSE)) values.push(high)
  return distinct(parameter, values)
}

/** The best value and its neighbours at a third of a coarse step. */
export function fineValues(
  parameter: Parameter,
  best: ChoiceValue,
  levels: number,
  limit: Limit,
): readonly ChoiceValue[] {
  if (parameter.kind === 'choice') return [best]
  const own = best as number
  const step = stepOf(parameter, levels) / FINE
  const around = parameter.log ? [own / FINE, own, own * FINE] : [own - step, own, own + step]
  const [low, high] = reach(parameter, own, limit)
  return distinct(
    parameter,
    around.map((value) => clamp(value, low, high)),
  )
}

/** One coarse step beyond a border; `undefined` where the limit forbids it. */
export function steppedOut(
  parameter: Numeric,
  border: number,
  way: 'down' | 'up',
  levels: number,
  limit: Limit,
): number | undefined {
  const step = stepOf(parameter, levels)
  const out = parameter.log
    ? way === 'up'
      ? border * COARSE
      : border / COARSE
    : border + (way === 'up' ? step : -step)
  const [low, high] = reach(parameter, border, limit)
  const [value] = distinct(parameter, [clamp(out, low, high)])
  return value === border ? undefined : value
}

function stepOf(parameter: Numeric, levels: number): number {
  const step = (parameter.high - parameter.low) / (Math.min(levels, sizeOf(parameter)) - 1 || 1)
  return parameter.kind === 'int' ? Math.max(parameter.step, step) : step
}

/** Where a parameter may go: to its limit; without one anywhere if it is logarithmic, else within its range. */
function reach(parameter: Numeric, own: number, limit: Limit): readonly [number, number] {
  if (limit !== undefined) return [Math.min(limit[0], own), Math.max(limit[1], own)]
  if (!parameter.log) return [Math.min(parameter.low, own), Math.max(parameter.high, own)]
  return [parameter.kind === 'int' ? 1 : Number.MIN_VALUE, Number.MAX_VALUE]
}

/** Without rounding errors, as whole numbers where they have to be, and each once. */
function distinct(parameter: Numeric, values: readonly number[]): number[] {
  const exact = values.map((value) =>
    parameter.kind === 'int'
      ? parameter.low + parameter.step * Math.round((value - parameter.low) / parameter.step)
      : Number(value.toPrecision(12)),
  )
  return [...new Set(exact)]
}
