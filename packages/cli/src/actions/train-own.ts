import { basename } from 'node:path'
import type { Params } from '@dlkit/search'
import { closest } from '../config/closest.js'
import { whole } from '../config/option-values.js'
import { type LoadedTraining, readTrainingFile } from '../config/training-file.js'
import { exitCodes, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import { reporterOf } from '../output/reporter-of.js'
import type { OwnConfig } from '../training/own-config.js'
import { fromRun } from '../training/own-config.js'
import { checkData, countOf } from '../training/samples.js'
import { checkFirst, leftOut } from './check-first.js'
import { chooseEngine } from './choose-engine.js'
import { LastCheckpoint } from './last-checkpoint.js'
import { newRunFolder, type TrainOptions } from './plan-training.js'
import { stopOnSignal } from './stop-on-signal.js'

/** What stands in for the configuration of the colouring network. */
const foreign = ['preset', 'data', 'size', 'from'] as const

/** How a run that is continued was configured. */
export interface ResumedOwn {
  out: string
  config: OwnConfig
  engine?: string
}

/** Trains what a file of the user's own describes. @returns the exit code. */
export async function trainOwnAction(
  file: string,
  options: TrainOptions,
  resumed?: ResumedOwn,
): Promise<number> {
  const given = foreign.find((name) => options[name] !== undefined)
  if (given) throw new UsageError(`--${given}: is for the built-in model; ${file} brings its own`)
  const seed = resumed?.config.seed ?? (options.seed === undefined ? 1 : whole('--seed', options.seed, 0))
  const out = resumed?.out ?? (await newRunFolder(options.out))
  const reporter = reporterOf(options)
  const engine = await chooseEngine(resumed?.config.engine ?? options.engine)
  const changes = resumed?.config.params ?? parseChanges(options.set ?? [])
  const training = await readTrainingFile(file, { seed, changes })
  checkData(file, training.data)
  refuseUnknown(training, changes)
  const config = ownConfig(training, { out, seed, changes, options, resumed })
  const [{ describeEnvironment }, { trainOwn }, { writeReport }] = await Promise.all([
    import('../environment.js'),
    import('../training/train-own.js'),
    import('../report/write-report.js'),
  ])
  const warnings =
    resumed?.engine !== undefined && resumed.engine !== engine.name
      ? [
          `${basename(out)} was trained on ${resumed.engine}: on ${engine.name} it continues, but not bit for bit`,
        ]
      : []
  const interruption = stopOnSignal(() => reporter.stopping())
  const lastCheckpoint = new LastCheckpoint(out)
  try {
    reporter.start({ out, config, engine, warnings })
    if (!resumed && options.check !== false) {
      const { subject, data } = training
      await checkFirst({ name: file, subject, data, batchSize: config.batch, seed }, reporter, leftOut.own)
    }
    const result = await trainOwn({
      training,
      config,
      out,
      resume: resumed !== undefined,
      environment: await describeEnvironment(engine, seed),
      signal: interruption.signal,
      onEvent: (event) => {
        lastCheckpoint.note(event)
        reporter.event(event)
      },
    })
    const { file: report } = await writeReport(out)
    reporter.close()
    reporter.finish(result, report, nextSteps(training, out))
    return result.interrupted ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    throw lastCheckpoint.explain(error)
  } finally {
    reporter.close()
    interruption.release()
  }
}

function ownConfig(
  training: LoadedTraining,
  {
    out,
    seed,
    changes,
    options,
    resumed,
  }: { out: string; seed: number; changes: Params; options: TrainOptions; resumed: ResumedOwn | undefined },
): OwnConfig {
  if (resumed) {
    const least = resumed.config.steps
    const steps = options.steps === undefined ? least : whole('--steps', options.steps, least)
    return { ...resumed.config, training: fromRun(out, training.file), steps }
  }
  const batch = options.batch === undefined ? training.batchSize : whole('--batch', options.batch, 1)
  const perEpoch = Math.ceil(countOf(training.data) / batch)
  const epochs = options.epochs === undefined ? training.epochs : whole('--epochs', options.epochs, 1)
  const steps = options.steps === undefined ? epochs * perEpoch : whole('--steps', options.steps, 1)
  return {
    training: fromRun(out, training.file),
    params: { ...training.params, ...changes },
    steps,
    batch,
    seed,
    engine: options.engine ?? 'auto',
    log: { checkpointEvery: Math.max(perEpoch, CHECKPOINT), gradientsEvery: GRADIENTS },
  }
}

const [CHECKPOINT, GRADIENTS] = [100, 10]

/** `--set units=32`: numbers, true, false and null as such, everything else as text. */
function parseChanges(changes: readonly string[]): Params {
  return Object.fromEntries(
    changes.map((change) => {
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(change) ?? []
      if (name === undefined || text === undefined)
        throw new UsageError(`--set: expected name=value, got "${change}"`)
      return [name, parsedValue(text)]
    }),
  )
}

function parsedValue(text: string): Params[string] {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** @throws UsageError for parameters that the file does not export. */
function refuseUnknown({ file, known }: LoadedTraining, changes: Params): void {
  const unknown = Object.keys(changes).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const meant = closest(unknown, known)
  const hint =
    known.length === 0
      ? 'it exports no params'
      : meant === undefined
        ? `choose from ${known.join(', ')}`
        : `did you mean ${meant}?`
  throw new UsageError(`--set: there is no parameter "${unknown}" in ${file}; ${hint}`)
}

function nextSteps({ data }: LoadedTraining, out: string): string[] {
  const hint = (what: string, call: string) => `${what}:\n  ${command()} ${call}`
  const run = shellWord(out)
  return [
    ...(data.test ? [hint('Evaluate it on its test set', `eval ${run} --split test`)] : []),
    ...(data.validation ? [hint('Compare it with simple models', `baseline ${run}`)] : []),
    hint('Use it in other programs', `export ${run} --format onnx`),
  ]
}
