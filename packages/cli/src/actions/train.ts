import { mkdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { PairDataset } from '@dlkit/data'
import type { Config } from '@dlkit/gan-colorize/config'
import { printable } from '@dlkit/monitors/printable'
import { defaultFile } from '../config/default-file.js'
import { isTrainingFile } from '../config/training-file.js'
import { exitCodes, UsageError } from '../errors.js'
import { command } from '../output/command.js'
import { shellWord } from '../output/format.js'
import type { Reporter } from '../output/reporter.js'
import { reporterOf } from '../output/reporter-of.js'
import { trainingFileOf } from '../training/own-config.js'
import { chooseEngine } from './choose-engine.js'
import { LastCheckpoint } from './last-checkpoint.js'
import { memoryWarning } from './memory-warning.js'
import { planTraining, refuseChanges, type TrainOptions } from './plan-training.js'
import { type RunConfig, readAnyRunConfig } from './run-config.js'
import { stopOnSignal } from './stop-on-signal.js'

/** Options that only the colouring network has. */
const colouring = ['preset', 'data', 'size', 'from'] as const

/** Trains as the options say and leaves a run folder with a report. @returns the exit code. */
export async function trainAction(
  file: string | undefined,
  { dashboard, allowControl, ...options }: TrainOptions,
): Promise<number> {
  if (dashboard === undefined) {
    if (allowControl) throw new UsageError('--allow-control: is for --dashboard')
    return trainEither(file, options)
  }
  const { openDashboard } = await import('./dashboard.js')
  const { url, close } = await openDashboard(runsBeside(options), { allowControl: allowControl ?? false })
  process.stderr.write(`Dashboard: ${url}\n`)
  try {
    return await trainEither(file, options)
  } finally {
    await close()
  }
}

/** The folder that the run stands in, or will. */
function runsBeside({ out, resume }: TrainOptions): string {
  const run = resume ?? out
  const folder = run === undefined ? 'runs' : dirname(resolve(run))
  mkdirSync(folder, { recursive: true })
  return folder
}

async function trainEither(file: string | undefined, options: TrainOptions): Promise<number> {
  const { resume: out } = options
  if (out !== undefined) {
    refuseChanges(out, file === undefined || isTrainingFile(file) ? undefined : file, options)
    const run = await readAnyRunConfig(out)
    if (run.kind === 'own') return continueOwn(out, run, file, options)
  } else {
    const isOfColours = colouring.some((name) => options[name] !== undefined)
    file ??= isOfColours ? undefined : defaultFile()
    if (file !== undefined && isTrainingFile(file)) {
      const { trainOwnAction } = await import('./train-own.js')
      return trainOwnAction(file, options)
    }
  }
  return trainColouring(file, options)
}

/** The file of the model may be named again, where it has moved. */
async function continueOwn(
  out: string,
  { config, engine }: Extract<RunConfig, { kind: 'own' }>,
  file: string | undefined,
  options: TrainOptions,
): Promise<number> {
  const { trainOwnAction } = await import('./train-own.js')
  const found = file ?? trainingFileOf(out, config)
  return trainOwnAction(found, options, { out, config, ...(engine !== undefined && { engine }) })
}

async function trainColouring(file: string | undefined, options: TrainOptions): Promise<number> {
  const plan = await planTraining(file, options)
  const reporter = reporterOf(options)
  const [engine, { describeEnvironment }, { estimatedMemory, train }, { writeReport }] = await Promise.all([
    chooseEngine(plan.config.engine, options.engine === undefined ? 'engine' : '--engine'),
    import('../environment.js'),
    import('@dlkit/gan-colorize'),
    import('../report/write-report.js'),
  ])
  const { config, out, resume, from } = plan
  let isDoubtful = false
  const warnings: string[] = []
  if (plan.engine !== undefined && plan.engine !== engine.name) {
    warnings.push(
      `${basename(out)} was trained on ${plan.engine}: on ${engine.name} it continues, but not bit for bit`,
    )
  }
  const tooLarge = memoryWarning(estimatedMemory(config))
  if (tooLarge !== undefined) warnings.push(tooLarge)
  const interruption = stopOnSignal(() => reporter.stopping())
  const lastCheckpoint = new LastCheckpoint(out)
  try {
    reporter.start({ out, config, engine, warnings })
    const environment = await describeEnvironment(engine, config.seed)
    const result = await train({
      config,
      out,
      resume,
      ...(from !== undefined && { from }),
      environment,
      signal: interruption.signal,
      ...(options.check !== false && { inspect: (pairs) => inspect(pairs, config, reporter) }),
      onEvent: (event) => {
        isDoubtful ||= event.type === 'from' && event.cautions.length > 0
        lastCheckpoint.note(event)
        reporter.event(event)
      },
    })
    const { file: report } = await writeReport(out)
    reporter.close()
    reporter.finish(result, report, [
      `Samples: ${printable(out)}/samples`,
      `\nColour a drawing:\n  ${command()} colorize drawing.png --run ${shellWord(out)} -o coloured`,
    ])
    if (result.interrupted) return exitCodes.interrupted
    return isDoubtful ? exitCodes.doubtful : exitCodes.done
  } catch (error) {
    if (interruption.signal.aborted && error instanceof Error && error.name === 'AbortError') {
      process.stderr.write('dlkit: stopped before the first step; nothing was written\n')
      return exitCodes.interrupted
    }
    throw lastCheckpoint.explain(error)
  } finally {
    reporter.close()
    interruption.release()
  }
}

/** The short checks of the networks on their pictures, as `dlkit check` has them. */
async function inspect({ train }: PairDataset, config: Config, reporter: Reporter): Promise<void> {
  const [{ colourPlayers }, { checkFirst, leftOut }] = await Promise.all([
    import('../subjects/colour-players.js'),
    import('./check-first.js'),
  ])
  const { dispose, ...players } = await colourPlayers(config, train, CHECKED)
  try {
    const { batch: batchSize, seed } = config
    const loaded = { name: 'the colouring network', ...players, batchSize, seed }
    await checkFirst(loaded, reporter, leftOut.colours)
  } finally {
    dispose()
  }
}

/** Pictures that the checks before a training look at, at most. */
const CHECKED = 64
