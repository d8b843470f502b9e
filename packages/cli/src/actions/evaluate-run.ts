import type { Evaluation } from '@dlkit/gan-colorize'
import { closest } from '../config/closest.js'
import { exitCodes, Failure, UsageError } from '../errors.js'
import { evaluationText } from '../output/evaluation-text.js'
import { Output, type OutputOptions } from '../output/output.js'
import { TaskProgress } from '../output/task-progress.js'
import type { AnyEvaluation } from '../report/comparison.js'
import { countOf, type Split, samplesOf, splits } from '../training/samples.js'
import type { OwnEvaluation } from '../training/train-own.js'
import { chooseEngine } from './choose-engine.js'
import { type RunConfig, readAnyRunConfig } from './run-config.js'

export interface EvaluateArgs extends OutputOptions {
  split?: string
  engine?: string
}

/** Measures a trained run on a split, without writing anything. @returns the exit code. */
export async function evalAction(folder: string, args: EvaluateArgs): Promise<number> {
  const output = new Output(args)
  const evaluation = await evaluateRun(folder, splitOf(args.split), args)
  output.json(evaluation)
  output.print(evaluationText(evaluation))
  return exitCodes.done
}

/**
 * Measures a trained run on the validation set beside models that know next to nothing, and notes it in the run: the
 * report shows it. @returns the exit code.
 */
export async function baselineAction(folder: string, args: EvaluateArgs): Promise<number> {
  const output = new Output(args)
  const { RunFolder } = await import('@dlkit/training')
  const evaluation = await evaluateRun(folder, splitOf(args.split), args, true)
  output.json(evaluation)
  output.print(evaluationText(evaluation))
  if (evaluation.split !== 'validation') return exitCodes.done
  const run = RunFolder.resume(folder)
  try {
    run.writeJson('evaluation.json', evaluation)
  } finally {
    run.close()
  }
  const { writeReport } = await import('../report/write-report.js')
  output.say(`\nReport:  ${(await writeReport(folder)).file}`)
  return exitCodes.done
}

function splitOf(name = 'validation'): Split {
  if ((splits as readonly string[]).includes(name)) return name as Split
  const meant = closest(name, splits)
  throw new UsageError(
    `--split: expected ${splits.join(', ')}, got "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

async function evaluateRun(
  folder: string,
  split: Split,
  args: EvaluateArgs,
  withBaselines = false,
): Promise<AnyEvaluation & { step: number }> {
  const run = await readAnyRunConfig(folder)
  const preferred = run.config.engine === 'auto' ? undefined : run.config.engine
  await chooseEngine(args.engine ?? preferred)
  return run.kind === 'own'
    ? evaluateOwn(folder, run, split, withBaselines)
    : evaluateColours(folder, run, split, args)
}

async function evaluateOwn(
  folder: string,
  { config }: Extract<RunConfig, { kind: 'own' }>,
  split: Split,
  withBaselines: boolean,
): Promise<OwnEvaluation> {
  const { openOwnRun } = await import('../training/open-own-run.js')
  const { training, trainer, step } = await openOwnRun(folder, config)
  try {
    const { subject, data, file } = training
    const samples = samplesOf(data, split)
    if (samples === undefined)
      throw new UsageError(`--split: ${file} gives no data.${split}; add it, or choose another split`)
    const { simpleModels } = await import('../training/simple-models.js')
    const baselines = withBaselines ? await simpleModels(subject, data, samples, config.seed) : {}
    if (baselines === undefined) {
      throw new Failure(
        `${file}: has no baseline: it needs a model of tf.layers with one input and one output of a fixed size`,
      )
    }
    const model = await trainer.evaluate(samples, config.batch)
    return { step, split, count: countOf(samples), model, baselines }
  } finally {
    trainer.dispose()
  }
}

/** Its evaluation always stands beside its baselines: the line art as it is, and a sheet in the mean colour. */
async function evaluateColours(
  folder: string,
  { config }: Extract<RunConfig, { kind: 'colour' }>,
  split: Split,
  args: EvaluateArgs,
): Promise<Evaluation & { step: number }> {
  const [{ EVALUATED_STROKES, evaluate, loadColorizer, loadPairs }, { RunFolder }] = await Promise.all([
    import('@dlkit/gan-colorize'),
    import('@dlkit/training'),
  ])
  const pairs = await loadPairs(config)
  const colorizer = await loadColorizer(folder)
  const progress = new TaskProgress('Evaluating', 'picture', args)
  try {
    const evaluation = await evaluate(pairs.open(split), {
      split,
      colour: (line, hints) => colorizer.colour(line, hints),
      meanColour: meanColour(pairs.train.colour),
      strokes: colorizer.takesHints ? EVALUATED_STROKES : [],
      onProgress: (done, total) => progress.update(done, total),
    })
    const step = RunFolder.open(folder).readMetrics().at(-1)?.step ?? 0
    return { step, ...evaluation }
  } finally {
    progress.stop()
    colorizer.dispose()
  }
}

/** Mean of each channel in [-1, 1], of RGB bytes. */
function meanColour(bytes: Uint8Array): number[] {
  const sums = [0, 0, 0]
  for (let index = 0; index < bytes.length; index++) sums[index % 3]! += bytes[index]!
  return sums.map((sum) => sum / (bytes.length / 3) / 127.5 - 1)
}
