import { checkKeys, checkWhole } from '../check-keys.js'
import type { History, Sampler, Suggestion } from '../sampler.js'
import { type ChoiceValue, isActive, type Parameter, type Params, parameterOf, type Space } from '../space.js'
import { lossOf } from '../trial.js'
import { clamp } from '../unit-interval.js'
import { coarseValues, fineValues, steppedOut } from './coarse-values.js'

/** How far the border of a parameter may move. */
export type Limits = Readonly<Record<string, readonly [low: number, high: number]>>

/**
 * First every combination of coarse values: logarithmic ranges in steps of ×10, others in `levels` even steps, choices in
 * full. While the best value lies on the border of what was tried, the range is extended by another step. Then every
 * combination of fine steps around the best: ×3 and ÷3, or a third of a coarse step. Then the study is done. Only the
 * first metric counts.
 *
 * @param options `levels` (5); `extensions` (3): how often a border may move; `limits`: how far. Without a limit
 * logarithmic ranges move freely, and others do not move;
 * `fine` (true): `false` ends after the coarse steps.
 */
export function coarseToFineSampler(
  options: { levels?: number; extensions?: number; limits?: Limits; fine?: boolean } = {},
): Sampler {
  checkKeys('coarseToFineSampler', options, ['levels', 'extensions', 'limits', 'fine'])
  const { levels = 5, extensions = 3, limits = {}, fine: isRefined = true } = options
  checkWhole('coarseToFineSampler', 'levels', levels, 2)
  checkWhole('coarseToFineSampler', 'extensions', extensions, 0)
  return {
    suggest(history) {
      const { space } = history
      checkKeys('coarseToFineSampler', limits, Object.keys(space))
      const lookUp = lossesByParams(history)
      const known: Params[] = []
      let next = combinations(space, (_, parameter) => coarseValues(parameter, levels))
      for (let round = 0; next.length > 0; round++) {
        known.push(...next)
        const untried = next.find((params) => !lookUp.has(keyOf(params)))
        if (untried !== undefined) return widened(space, untried)
        if (known.some((params) => lookUp.get(keyOf(params)) === undefined)) return 'wait'
        next = round < extensions ? beyondBorders(space, known, bestOf(known, lookUp), levels, limits) : []
      }
      if (!isRefined) return 'done'
      const best = bestOf(known, lookUp)
      const fine = combinations(space, (name, parameter) =>
        name in best
          ? fineValues(parameter, best[name]!, levels, limits[name])
          : coarseValues(parameter, levels),
      )
      const untried = fine.find((params) => !lookUp.has(keyOf(params)))
      if (untried !== undefined) return widened(space, untried)
      return fine.some((params) => lookUp.get(keyOf(params)) === undefined) ? 'wait' : 'done'
    },
  }
}

/** The loss of every tried combination: infinite if it failed, `undefined` while it runs. */
function lossesByParams({ trials, directions }: History): Map<string, number | undefined> {
  return new Map(
    trials.map(({ params, state, values }) => [
      keyOf(params),
      state === 'complete'
        ? lossOf(values![0]!, directions[0]!)
        : state === 'running' || state === 'waiting'
          ? undefined
          : Number.POSITIVE_INFINITY,
    ]),
  )
}

function bestOf(known: readonly Params[], lookUp: Map<string, number | undefined>): Params {
  return known.reduce((best, params) =>
    lookUp.get(keyOf(params))! < lookUp.get(keyOf(best))! ? params : best,
  )
}

/** The best combination with each parameter that lies on the border moved one coarse step out, and not known yet. */
function beyondBorders(
  space: Space,
  known: readonly Params[],
  best: Params,
  levels: number,
  limits: Limits,
): Params[] {
  const keys = new Set(known.map(keyOf))
  return Object.keys(best).flatMap((name) => {
    const parameter = parameterOf(space[name]!)
    if (parameter.kind === 'choice') return []
    const tried = known.flatMap((params) => (name in params ? [params[name] as number] : []))
    const own = best[name] as number
    const isBorder = { down: own === Math.min(...tried), up: own === Math.max(...tried) }
    return (['down', 'up'] as const)
      .filter((way) => isBorder[way])
      .map((way) => steppedOut(parameter, own, way, levels, limits[name]))
      .filter((value) => value !== undefined)
      .map((value) => ({ ...best, [name]: value }))
      .filter((params) => !keys.has(keyOf(params)))
  })
}

function combinations(
  space: Space,
  valuesOf: (name: string, parameter: Parameter) => readonly ChoiceValue[],
): Params[] {
  return Object.entries(space).reduce<Params[]>(
    (before, [name, entry]) =>
      before.flatMap((params) =>
        isActive(entry, params)
          ? valuesOf(name, parameterOf(entry)).map((value) => ({ ...params, [name]: value }))
          : [params],
      ),
    [{}],
  )
}

function keyOf(params: Params): string {
  return JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function widened(space: Space, params: Params): Suggestion {
  const distributions: Record<string, Parameter> = {}
  for (const [name, value] of Object.entries(params)) {
    const parameter = parameterOf(space[name]!)
    if (parameter.kind === 'choice' || clamp(value as number, parameter.low, parameter.high) === value)
      continue
    const [low, high] = [Math.min(parameter.low, value as number), Math.max(parameter.high, value as number)]
    distributions[name] = { ...parameter, low, high }
  }
  return { params, distributions }
}
