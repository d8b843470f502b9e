import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PairedEffect, pairedEffect } from '@dlkit/training/statistics'
import { checkKeys, checkWhole } from './check-keys.js'
import { inProcess } from './executors/in-process.js'
import { runStudy } from './run-study.js'
import { gridSampler } from './samplers/grid-sampler.js'
import { choice } from './space.js'
import { openStudy } from './study.js'
import type { Direction } from './trial.js'

/** Options of `ablation`. */
export interface AblationOptions<Config> {
  /** Trains with a configuration and everything random drawn from the seed; returns the metric. */
  run: (config: Config, seed: number) => number | Promise<number>
  /** How many seeds, 1 to `seeds`, or which; at least three. */
  seeds: number | readonly number[]
  /** Whether a small metric is good (`'minimize'`). */
  direction?: Direction
  /** How sure all intervals together are to hold the true effects (0.95). */
  confidence?: number
  /** Runs at the same time (1). */
  parallel?: number
  /**
   * A journal that keeps the results: an ablation that was interrupted goes on. Configurations are told apart by their
   * JSON. Without it nothing is kept.
   */
  path?: string
}

/** What one change does: the difference from the unchanged configuration, with its interval, in units of the metric. */
export interface AblationEffect {
  readonly change: string
  /** The metric of each seed; NaN where the run failed. */
  readonly values: readonly number[]
  /** Metric with the change minus metric without; `undefined` where a run failed. */
  readonly effect: PairedEffect | undefined
  /** `'undecided'`: the seeds explain the difference. */
  readonly verdict: 'better' | 'worse' | 'undecided'
  /** The verdict in one line, with its evidence and the next step. */
  readonly text: string
}

/** What `ablation` found, and the runs that failed. */
export interface AblationResult {
  readonly seeds: readonly number[]
  readonly baseline: readonly number[]
  readonly effects: readonly AblationEffect[]
}

const OPTIONS = ['run', 'seeds', 'direction', 'confidence', 'parallel', 'path']
const BASELINE = 'baseline'

/**
 * What each change of a configuration does, over several seeds: the mean difference to the unchanged configuration under
 * the same seeds with its confidence interval (Student's, Bonferroni-corrected for the number of changes). A difference whose
 * interval holds 0 is not called one.
 *
 * @param config the configuration with every practice.
 * @param switches by name what replaces entries of it, one at a time: `{ 'no warm-up': { warmup: 0 } }`.
 * @throws {RangeError} when confidence is not between 0 and 1.
 * @throws {Error} when the unchanged configuration fails, or results do not depend on the seed.
 */
export async function ablation<Config extends object>(
  config: Config,
  switches: Readonly<Record<string, Partial<Config>>>,
  options: AblationOptions<Config>,
): Promise<AblationResult> {
  checkKeys('ablation', options, OPTIONS)
  const { run, direction = 'minimize', confidence = 0.95, parallel = 1 } = options
  const seeds = checkSeeds(options.seeds)
  const changes = checkSwitches(config, switches)
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(
      `ablation: expected confidence between 0 and 1, got ${confidence}. Choose e.g. 0.95.`,
    )

  const configs = new Map<string, Config>([
    [BASELINE, config],
    ...changes.map((name): [string, Config] => [name, { ...config, ...switches[name] }]),
  ])
  const { values, reasons } = await measure(configs, seeds, { ...options, run, parallel })
  const baseline = values.get(BASELINE)!
  if (baseline.some(Number.isNaN))
    throw new Error(
      `ablation: expected the unchanged configuration to train, but ${reasons.get(BASELINE)}. Mend it first.`,
    )
  if ([...values.values()].every((own) => own.every((value) => Object.is(value, own[0]))))
    throw new Error(
      'ablation: expected results to differ between seeds, but all are the same. Draw initial weights, order and dropout from seed.',
    )
  const level = 1 - (1 - confidence) / changes.length
  const effects = changes.map((change) => {
    const own = values.get(change)!
    const judged = judge(own, baseline, { level, direction, reason: reasons.get(change) })
    return { change, values: own, ...judged, text: `${change}: ${judged.text}` }
  })
  return { seeds, baseline, effects }
}

/** Every configuration under every seed, in mixed order. */
async function measure<Config>(
  configs: ReadonlyMap<string, Config>,
  seeds: readonly number[],
  { run, parallel, path }: AblationOptions<Config> & { parallel: number },
) {
  const folder = path === undefined ? mkdtempSync(join(tmpdir(), 'dlkit-ablation-')) : undefined
  try {
    const study = await openStudy({
      path: path ?? join(folder!, 'journal'),
      name: `ablation ${fingerprint([...configs])}`,
      space: { change: choice([...configs.keys()]), seed: choice(seeds) },
      metrics: { metric: 'minimize' },
      sampler: gridSampler({ seed: 1, cells: { change: configs.size, seed: seeds.length }, jitter: false }),
    })
    const total = configs.size * seeds.length
    const executor = inProcess(({ params }: { params: { change: string; seed: number } }) =>
      run(configs.get(params.change)!, params.seed),
    )
    const ended = await runStudy(study, { trials: total, parallel, executor, failures: total + 1 })
    if (ended === 'interrupted')
      throw new Error(
        `ablation: interrupted after ${study.trials.length} of ${total} runs. With path, the next call goes on.`,
      )
    const values = new Map([...configs.keys()].map((name) => [name, seeds.map(() => Number.NaN)]))
    const reasons = new Map<string, string>()
    for (const { params, values: result, notes } of study.trials) {
      if (result !== undefined) values.get(params.change)![seeds.indexOf(params.seed)] = result[0]!
      else
        reasons.set(params.change, `seed ${params.seed} failed: ${String(notes.reason).replace(/\.$/, '')}`)
    }
    return { values, reasons }
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true })
  }
}

function judge(
  values: readonly number[],
  baseline: readonly number[],
  { level, direction, reason }: { level: number; direction: Direction; reason: string | undefined },
): Pick<AblationEffect, 'effect' | 'verdict' | 'text'> {
  const failed = values.filter(Number.isNaN).length
  if (failed === values.length)
    return { effect: undefined, verdict: 'worse', text: `worse, no seed trains (${reason}).` }
  if (failed > 0) {
    const text = `undecided, ${failed} of ${values.length} seeds do not train (${reason}). Find out why.`
    return { effect: undefined, verdict: 'undecided', text }
  }
  const effect = pairedEffect(
    values.map((value, index) => value - baseline[index]!),
    level,
  )
  const size = `${signed(effect.mean)} [${signed(effect.low)}, ${signed(effect.high)}]`
  if (effect.low <= 0 && effect.high >= 0) {
    const enough =
      effect.seedsNeeded < 1000 ? `about ${effect.seedsNeeded} seeds would decide` : 'there seems to be none'
    return { effect, verdict: 'undecided', text: `${size}, the seeds explain the difference; ${enough}.` }
  }
  const verdict = effect.mean < 0 === (direction === 'minimize') ? 'better' : 'worse'
  return { effect, verdict, text: `${size}, ${verdict} with ${values.length} seeds.` }
}

function checkSeeds(seeds: number | readonly number[]): readonly number[] {
  if (typeof seeds === 'number') checkWhole('ablation', 'seeds', seeds, 3)
  const list = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds
  if (new Set(list).size < 3 || new Set(list).size < list.length)
    throw new RangeError(
      `ablation: expected at least 3 different seeds, got ${list.join(', ')}. With fewer, chance cannot be told from effect.`,
    )
  return list
}

function checkSwitches(config: object, switches: Readonly<Record<string, object>>): string[] {
  const names = Object.keys(switches)
  if (names.length === 0)
    throw new RangeError("ablation: expected at least one switch, got none. Add { 'no x': { x: false } }.")
  for (const name of names) {
    if (name === BASELINE)
      throw new RangeError(`ablation: expected another name than ${BASELINE} for a switch. Rename it.`)
    checkKeys(`ablation, ${name}`, switches[name]!, Object.keys(config))
    if (
      Object.entries(switches[name]!).every(([key, value]) =>
        Object.is((config as Record<string, unknown>)[key], value),
      )
    )
      throw new RangeError(
        `ablation: expected ${name} to change the configuration, but it does not. Correct or remove it.`,
      )
  }
  return names
}

/** Another configuration is another study, so that no result of it is taken over. */
function fingerprint(configs: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(configs)).digest('hex').slice(0, 12)
}

function signed(value: number): string {
  const text = Number(value.toPrecision(3)).toString()
  return value > 0 ? `+${text}` : text
}
