import { checkKeys, checkWhole } from '../check-keys.js'
import { paretoOrder } from '../pareto.js'
import { ParzenEstimator } from '../parzen.js'
import { type Random, seededRandom } from '../random.js'
import type { History, Sampler } from '../sampler.js'
import { contains, isActive, type Parameter, type Params, parameterOf } from '../space.js'
import { losses, lossOf, type Trial } from '../trial.js'
import { sizeOf } from '../unit-interval.js'
import { randomSampler } from './random-sampler.js'

/**
 * Tree-structured Parzen estimator: draws candidates where good trials are dense and takes the one that is the least
 * like the others. Parameters without a condition are modelled together, conditional ones each on their own.
 *
 * Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Watanabe 2023, arXiv 2304.11127. With several
 * metrics good means the first Pareto fronts, the loneliest points first.
 *
 * @param options `startup` (10): random trials before; `candidates` (64): draws per trial, of which Optuna makes 24.
 */
export function tpeSampler(options: { seed: number; startup?: number; candidates?: number }): Sampler {
  checkKeys('tpeSampler', options, ['seed', 'startup', 'candidates'])
  const { seed, startup = 10, candidates = 64 } = options
  checkWhole('tpeSampler', 'startup', startup, 1)
  checkWhole('tpeSampler', 'candidates', candidates, 1)
  const fallback = randomSampler({ seed })
  return {
    suggest(history) {
      const learned = history.trials.filter(isInformative)
      if (learned.filter(({ state }) => state !== 'running').length < startup)
        return fallback.suggest(history)
      const random = seededRandom(seed, `tpe ${history.trials.length}`)
      const { good, other } = split(learned, history)
      return { params: sampleSpace(history, good, other, candidates, random) }
    },
  }
}

function sampleSpace(
  { space }: History,
  good: readonly Trial[],
  other: readonly Trial[],
  candidates: number,
  random: Random,
): Params {
  const entries = Object.entries(space)
  const joint = entries.filter(([, entry]) => entry.kind !== 'conditional')
  const draw = (parameters: Readonly<Record<string, Parameter>>) =>
    bestCandidate(parameters, good, other, candidates, random)
  const chosen = { ...draw(Object.fromEntries(joint) as Record<string, Parameter>) }
  for (const [name, entry] of entries) {
    if (entry.kind === 'conditional' && isActive(entry, chosen))
      Object.assign(chosen, draw({ [name]: parameterOf(entry) }))
  }
  const names = entries.map(([name]) => name).filter((name) => name in chosen)
  return Object.fromEntries(names.map((name) => [name, chosen[name]!]))
}

function bestCandidate(
  parameters: Readonly<Record<string, Parameter>>,
  good: readonly Trial[],
  other: readonly Trial[],
  candidates: number,
  random: Random,
): Params {
  const observations = (trials: readonly Trial[]) =>
    trials
      .map(({ params }) => params)
      .filter((params) =>
        Object.entries(parameters).every(([name, parameter]) => contains(parameter, params[name])),
      )
  const goodDensity = new ParzenEstimator(parameters, observations(good))
  const otherDensity = new ParzenEstimator(parameters, observations(other))
  const gain = (params: Params) => goodDensity.logDensity(params) - otherDensity.logDensity(params)
  const drawn = Array.from({ length: candidates }, () => goodDensity.sample(random))
  if (Object.values(parameters).every((parameter) => sizeOf(parameter) === 1)) return drawn[0]!
  return drawn.reduce((best, params) => (gain(params) > gain(best) ? params : best))
}

/** The best tenth of the trials, at most 25, and the others; running trials count as bad, so that none is repeated. */
function split(trials: readonly Trial[], { directions }: History) {
  const complete = trials.filter(({ state }) => state === 'complete')
  const stopped = trials.filter(({ state }) => state === 'pruned' || state === 'waiting')
  const finished = complete.length + stopped.length
  const count = Math.min(Math.ceil(0.1 * finished), directions.length === 1 ? 25 : Number.POSITIVE_INFINITY)
  const points = complete.map((trial) => losses(trial, directions))
  const ranked = [
    ...(directions.length === 1
      ? complete.map((_, index) => index).sort((a, b) => points[a]![0]! - points[b]![0]!)
      : paretoOrder(points)
    ).map((index) => complete[index]!),
    ...stopped.sort((a, b) => lastStep(b) - lastStep(a) || lastLoss(a) - lastLoss(b)),
  ]
  const good = new Set(ranked.slice(0, count))
  return {
    good: trials.filter((trial) => good.has(trial)),
    other: trials.filter((trial) => !good.has(trial)),
  }

  function lastLoss(trial: Trial): number {
    const value = lossOf(trial.reports.get(lastStep(trial))!, directions[0]!)
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
  }
}

function lastStep({ reports }: Trial): number {
  return Math.max(...reports.keys())
}

/** Running trials tell where not to go; stopped ones how far they got. */
function isInformative({ state, reports }: Trial): boolean {
  if (state === 'pruned' || state === 'waiting') return reports.size > 0
  return state === 'complete' || state === 'running'
}
