import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { printable } from '@dlkit/monitors/printable'
import type { Executor, Params, Pruner, Study, Trial } from '@dlkit/search'
import { closest } from '../config/closest.js'
import { namedOrDefault } from '../config/default-file.js'
import { whole } from '../config/option-values.js'
import { exitCodes, Failure, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { formatNumber, shellWord } from '../output/format.js'
import { Output, type OutputOptions } from '../output/output.js'
import { objectiveUrl } from '../search/objective-url.js'
import {
  samplerOf,
  sharedSettings,
  spaceOf,
  type TrialOptions,
  trialSettings,
} from '../search/search-settings.js'
import type { TrialSettings } from '../search/train-trial.js'
import { chooseEngine } from './choose-engine.js'
import { stopOnSignal } from './stop-on-signal.js'

export interface TuneArgs extends TrialOptions, OutputOptions {
  trials: string
  sampler: string
  prune?: string
  maximize?: true
  parallel?: string
  journal?: string
  redis?: string
}

const pruners = ['none', 'median', 'halving'] as const

/** Searches for better parameters of a model of the user's own; goes on with the search in the journal. */
export async function tuneAction(named: string | undefined, args: TuneArgs): Promise<number> {
  const output = new Output(args)
  const file = namedOrDefault(named)
  const trials = whole('--trials', args.trials, 1)
  const parallel = whole('--parallel', args.parallel ?? '1', 1)
  const settings = trialSettings(file, args)
  const [sampler, pruner] = [await samplerOf(args.sampler, settings.seed), await prunerOf(args.prune)]
  await chooseEngine(args.engine)
  const space = await spaceOf(file)
  const journal = args.journal ?? join('runs', `${basename(file, extname(file))}.journal`)
  await mkdir(dirname(journal), { recursive: true })
  const { openStudy, parameterImportance, runStudy } = await import('@dlkit/search')
  const study = await openStudy({
    path: journal,
    name: basename(file, extname(file)),
    space,
    metrics: { [settings.metric]: args.maximize ? 'maximize' : 'minimize' },
    sampler,
    ...(pruner && { pruner }),
    onRepair: (message) => output.warn(message),
  })
  const ended = study.trials.filter(({ state }) => state === 'complete').length
  output.say(`Journal: ${printable(journal)}, ${ended} of ${trials} trials complete`)
  const interruption = stopOnSignal(() =>
    output.say('Stopping: running trials write a checkpoint. Ctrl-C again kills at once.'),
  )
  try {
    const how = await runStudy(study, {
      trials,
      parallel,
      executor: await executorOf(settings, args.redis),
      signal: interruption.signal,
      onTrial(trial) {
        output.json({ type: 'trial', ...trialJson(trial, settings.metric) })
        output.say(trialText(trial, settings.metric))
      },
    })
    const importance = study.trials.length > 9 ? parameterImportance(study) : undefined
    summarize(study, { file, metric: settings.metric, importance, output })
    if (how !== 'interrupted') return exitCodes.done
    output.say(`Stopped. The same command goes on with ${printable(journal)}.`)
    return exitCodes.interrupted
  } catch (error) {
    throw new Failure(`${file}: ${(error as Error).message}`, { cause: error })
  } finally {
    interruption.release()
  }
}

/** Trials run in processes of their own, or on the machines that run `dlkit worker`. */
async function executorOf(settings: TrialSettings, redis: string | undefined): Promise<Executor<Params>> {
  const { childProcesses, redisQueue } = await import('@dlkit/search')
  return redis === undefined
    ? childProcesses({ module: objectiveUrl(settings) })
    : redisQueue({ connection: { url: redis }, settings: sharedSettings(settings) })
}

async function prunerOf(name = 'none'): Promise<Pruner | undefined> {
  const { medianPruner, successiveHalving } = await import('@dlkit/search')
  if (name === 'none') return undefined
  if (name === 'median') return medianPruner({ warmup: 1 })
  if (name === 'halving') return successiveHalving({ firstRung: 1 })
  const meant = closest(name, pruners)
  throw new UsageError(
    `--prune: expected ${pruners.join(', ')}, got "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

function trialJson({ number, state, params, values, notes }: Trial, metric: string) {
  return {
    number,
    state,
    params,
    ...(values && { [metric]: values[0] }),
    ...(state === 'failed' && { reason: notes.reason }),
  }
}

function trialText({ number, state, params, values, notes, reports }: Trial, metric: string): string {
  const last = values?.[0] ?? [...reports.values()].at(-1)
  const result =
    state === 'failed'
      ? `failed: ${printable(String(notes.reason))}`
      : `${metric} ${last === undefined ? '?' : formatNumber(last)}`
  const note =
    state === 'complete' || state === 'failed' ? '' : ` (${state === 'waiting' ? 'paused' : state})`
  return `Trial ${number}: ${result}${note} with ${changesOf(params)}`
}

/** As `--set` takes them. */
function changesOf(params: Params): string {
  const short = (value: Params[string]) =>
    typeof value === 'number' && !Number.isInteger(value)
      ? String(Number(value.toPrecision(6)))
      : String(value)
  return Object.entries(params)
    .map(([name, value]) => shellWord(`${name}=${short(value)}`))
    .join(' ')
}

function summarize(
  study: Study,
  {
    file,
    metric,
    importance,
    output,
  }: {
    file: string
    metric: string
    importance: Partial<Record<string, number>> | undefined
    output: Output
  },
): void {
  const { best, trials } = study
  if (best === undefined) {
    const failed = trials.findLast(({ state }) => state === 'failed')
    if (failed) throw new Error(`no trial was completed; the last one failed: ${failed.notes.reason}`)
    return
  }
  output.json({
    type: 'best',
    number: best.number,
    params: best.params,
    [metric]: best.values![0],
    ...(importance && { importance }),
  })
  output.print(
    `\nBest: trial ${best.number}, ${metric} ${formatNumber(best.values![0]!)} with ${changesOf(best.params)}`,
  )
  if (importance) {
    const shares = Object.entries(importance).map(
      ([name, share]) => `${name} ${Math.round(100 * (share ?? 0))} %`,
    )
    output.say(`What matters: ${shares.join(', ')}`)
  }
  output.say(`\nTrain with it:\n  ${command()} train ${shellWord(file)} --set ${changesOf(best.params)}`)
}
