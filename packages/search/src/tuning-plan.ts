import { checkKeys } from './check-keys.js'
import type { Executor } from './executor.js'
import { runStudy } from './run-study.js'
import type { Sampler } from './sampler.js'
import { coarseToFineSampler, type Limits } from './samplers/coarse-to-fine-sampler.js'
import { gridSampler } from './samplers/grid-sampler.js'
import { type ChoiceValue, choice, logUniform, type Parameter, type Params, type Space } from './space.js'
import { openStudy } from './study.js'
import { type Direction, lossOf } from './trial.js'

/** The stages in the order in which they are tuned. */
export type TuningStage = 'batch' | 'rate' | 'regularization' | 'dropout'

/** Options of `tuningPlan`. */
export interface TuningPlanOptions {
  /** The journal; each stage is a study in it. A plan that was interrupted goes on. */
  path: string
  /** The metric and its direction. */
  metrics: Readonly<Record<string, Direction>>
  /** Every parameter that the objective takes, with the value to begin with. */
  start: Params
  /** By stage, the ranges of its parameters; a stage may be left out. */
  stages: Partial<Record<TuningStage, Readonly<Record<string, Parameter>>>>
  executor: Executor
  /** Trials at the same time (1). */
  parallel?: number
  /** Of the jittered points of the last stage (1). */
  seed?: number
  /** How far the border of a parameter may move. */
  limits?: Limits
  /** Ends the plan; Ctrl-C if unset. */
  signal?: AbortSignal
}

/** What a plan found: the best parameters, and the study of each stage. */
export interface TuningResult {
  /** The best parameters that were found. */
  readonly params: Params
  readonly value: number
  /** What each stage did; the study of it has the name that begins with `tuning/`. */
  readonly stages: readonly {
    stage: string
    trials: number
    params: Params
    value: number
    improved: boolean
  }[]
}

const OPTIONS = ['path', 'metrics', 'start', 'stages', 'executor', 'parallel', 'seed', 'limits', 'signal']
const ORDER: readonly TuningStage[] = ['batch', 'rate', 'regularization', 'dropout']

/**
 * Tunes one thing after the other, since each depends on those before it: batch size, learning rate, regularization, dropout,
 * each in coarse steps with borders that move; last the rate and the regularization, which depend on each other, together
 * in steps of ×3. A stage that finds nothing better than what is known leaves the parameters as they are.
 *
 * @throws {RangeError} without a stage.
 */
export async function tuningPlan(options: TuningPlanOptions): Promise<TuningResult> {
  checkKeys('tuningPlan', options, OPTIONS)
  const { start, stages, seed = 1, limits = {} } = options
  checkKeys('tuningPlan: stages', stages, ORDER)
  const tuned = ORDER.filter((stage) => Object.keys(stages[stage] ?? {}).length > 0)
  if (tuned.length === 0)
    throw new RangeError(
      'tuningPlan: expected at least one stage, got none. Add rate: { rate: logUniform(1e-5, 1e-1) }.',
    )
  for (const stage of tuned) checkKeys(`tuningPlan: ${stage}`, stages[stage]!, Object.keys(start))

  const done: TuningResult['stages'][number][] = []
  let best: { params: Params; value: number } | undefined
  const run = async (stage: string, space: Readonly<Record<string, Parameter>>, sampler: Sampler) => {
    const found = await runStage(
      `tuning/${stage}`,
      { ...fixed(best?.params ?? start), ...space },
      sampler,
      options,
    )
    const [direction] = Object.values(options.metrics)
    const improved = best === undefined || lossOf(found.value, direction!) < lossOf(best.value, direction!)
    if (improved) best = { params: found.params, value: found.value }
    done.push({ stage, ...found, improved })
  }

  await run('start', {}, gridSampler({ seed, jitter: false }))
  for (const stage of tuned) {
    const space = stages[stage]!
    const own = Object.fromEntries(Object.entries(limits).filter(([name]) => name in space))
    await run(stage, space, coarseToFineSampler({ fine: false, limits: own }))
  }
  const coupled = { ...stages.rate, ...stages.regularization }
  const around = Object.entries(coupled).flatMap(([name, parameter]) => {
    const centre = best!.params[name] as number
    return parameter.kind === 'float' && parameter.log
      ? [[name, logUniform(centre / 3, centre * 3)] as const]
      : []
  })
  if (around.length > 0) await run('fine', Object.fromEntries(around), gridSampler({ seed, cells: 3 }))
  return { ...best!, stages: done }
}

async function runStage(
  name: string,
  space: Space,
  sampler: Sampler,
  { path, metrics, executor, parallel = 1, signal }: TuningPlanOptions,
) {
  const study = await openStudy({ path, name, space, metrics, sampler })
  const ended = await runStudy(study, {
    trials: Number.MAX_SAFE_INTEGER,
    executor,
    parallel,
    ...(signal && { signal }),
  })
  if (ended === 'interrupted')
    throw new Error(
      `tuningPlan: interrupted in ${name} after ${study.trials.length} trials. Call it again to go on.`,
    )
  if (study.best === undefined)
    throw new Error(
      `tuningPlan: expected a trial of ${name} to train, but all failed. Look at them in ${path}.`,
    )
  return { params: study.best.params as Params, value: study.best.values![0]!, trials: study.trials.length }
}

/** Parameters that a stage leaves as they are. */
function fixed(params: Params): Record<string, Parameter> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]: [string, ChoiceValue]) => [name, choice([value])]),
  )
}
