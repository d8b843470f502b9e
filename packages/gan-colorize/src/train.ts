import { join, resolve } from 'node:path'
import type { PairDataset } from '@dlkit/data'
import { type Finding, gradientNorms, Monitor } from '@dlkit/monitors'
import { jsonLinesSink, tensorBoardSink } from '@dlkit/monitors/node'
import {
  every,
  logMetrics,
  obeyCommands,
  RunFolder,
  runSteps,
  saveCheckpoint,
  watchLosses,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { colourCollapse } from './colour-collapse.js'
import { type Config, configSchema } from './config.js'
import { type DatasetSummary, loadPairs, summaryOf } from './dataset.js'
import { EVALUATED_STROKES, type Evaluation, evaluate } from './evaluate.js'
import { ColorGan, readScalars } from './gan.js'
import { GuidedBatches } from './guided-batches.js'
import { locateData, placeOfData, readEnvironment, recordResume, refuseOtherData } from './resume-run.js'
import { runCautions } from './run-cautions.js'
import { openCheckpoint, type RunCheckpoint, type RunState, restoring } from './run-checkpoint.js'
import { FixedSamples, writeColoured } from './samples.js'
import { fitScalers } from './scalers.js'

/** Options of `train`. */
export interface TrainArgs {
  config: Config
  /** The run folder: new, or one that `resume` continues. */
  out: string
  /** Continue the run in `out`, bit for bit. Default: false. */
  resume?: boolean
  /** The folder of a run to start from, with other data, size or rates: fine-tuning. Its `model` must be this one's. */
  from?: string
  /** Written to environment.json: engine, versions, machine. */
  environment: Record<string, unknown>
  /** Looks at the pictures of a new run before its folder is made; what it throws ends the training. */
  inspect?: (pairs: PairDataset) => Promise<void>
  /** Ends the run after the current step, with a checkpoint. */
  signal?: AbortSignal
  /** Told of everything that happens. */
  onEvent?: (event: TrainEvent) => void
}

/** What `train` reports while it goes on. */
export type TrainEvent =
  | { type: 'data'; done: number; total: number }
  | ({ type: 'dataset' } & DatasetSummary)
  | {
      /** A run starts with the networks of another one. */
      type: 'from'
      /** The checkpoint. */
      path: string
      step: number
      skipped: { path: string; reason: string }[]
      /** What is wrong with that run, in words. */
      cautions: string[]
    }
  | {
      type: 'resume'
      step: number
      /** Newer checkpoints that could not be used. */
      skipped: { path: string; reason: string }[]
      /** What was missing or damaged in the run folder and was mended, in words. */
      repaired: string[]
    }
  | { type: 'step'; step: number; steps: number; losses: Record<string, number> }
  /** The first steps are slower: their graphs are compiled. */
  | { type: 'training'; from: number; to: number }
  /** Sample pictures that take long, one by one. */
  | { type: 'sampling'; done: number; total: number }
  | { type: 'sample'; step: number; file: string }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'finding'; finding: Finding }
  | { type: 'evaluating'; done: number; total: number }
  | { type: 'evaluation'; evaluation: RunEvaluation }

/** What `evaluation.json` of a run says. */
export interface RunEvaluation extends Evaluation {
  /** Finished steps of the model that was evaluated; a run may have trained on since. */
  step: number
}

/** How a training ended. */
export interface TrainResult {
  out: string
  step: number
  interrupted: boolean
  /** Left out where the run was interrupted. */
  evaluation?: RunEvaluation
}

/**
 * Trains the colouring GAN and leaves everything it knows in a run folder. The same configuration gives the same
 * losses bit for bit on one engine, in one go or resumed.
 */
export async function train(args: TrainArgs): Promise<TrainResult> {
  if (args.from !== undefined) return trainFrom(args, args.from)
  if (!args.resume) return trainRun(args)
  const run = RunFolder.resume(args.out)
  try {
    const { data, note } = locateData(run, args.config.data)
    const config = { ...args.config, data }
    const environment = readEnvironment(run)
    const checkpoint = await openCheckpoint(run, config)
    try {
      return await trainRun({ ...args, config }, { run, checkpoint, environment, notes: note ? [note] : [] })
    } finally {
      tf.dispose(checkpoint.tensors)
    }
  } finally {
    run.close()
  }
}

/** Fine-tunes: a new run whose networks start as those of another one. */
async function trainFrom(args: TrainArgs, from: string): Promise<TrainResult> {
  const base = RunFolder.open(from)
  const checkpoint = await openCheckpoint(base, args.config, 'preset, file or options')
  const { step, skipped, path } = checkpoint
  const environment = { ...args.environment, from: { run: resolve(from), step } }
  const cautions = runCautions(base, step, configSchema.parse(base.readJson('config.json')).steps)
  args.onEvent?.({ type: 'from', path, step, skipped, cautions })
  try {
    return await trainRun({ ...args, environment }, undefined, checkpoint)
  } finally {
    tf.dispose(checkpoint.tensors)
  }
}

/** A run that is continued: its folder, locked, and what it holds. */
interface Resumed {
  run: RunFolder
  checkpoint: RunCheckpoint
  environment: Record<string, unknown> | undefined
  /** What was mended, in words. */
  notes: string[]
}

async function trainRun(args: TrainArgs, resumed?: Resumed, base?: RunCheckpoint): Promise<TrainResult> {
  const { config, out, signal, onEvent = () => {} } = args

  // Data, and the statistics of its training part: validation and later drawings are scaled with the same numbers.
  const dataset = await loadPairs(config, {
    onProgress: (done, total) => onEvent({ type: 'data', done, total }),
    signal,
  })
  const summary = summaryOf(dataset)
  onEvent({ type: 'dataset', ...summary })
  if (resumed) refuseOtherData(resumed.run, summary)
  else await args.inspect?.(dataset)
  const fitted = resumed?.checkpoint.scalers ?? (await fitScalers(dataset.train))
  // A network that was trained on line art of one scale goes on with it.
  const scalers = base ? { ...fitted, line: base.scalers.line } : fitted

  const environment = { ...args.environment, dataHash: summary.hash }
  const run = resumed?.run ?? RunFolder.create(out, { config, environment })
  const gan = new ColorGan(config, scalers.line)
  const batches = new GuidedBatches(dataset.train, config)
  const samples = new FixedSamples(dataset.validation, { takesHints: config.model.hints })
  const report = (finding: Finding) => {
    run.appendFinding(finding)
    onEvent({ type: 'finding', finding })
  }
  // Findings wait here until the metrics of their step have been written.
  const findings: Finding[] = []
  const monitor = new Monitor({
    every: config.log.gradientsEvery,
    sinks: [
      jsonLinesSink(join(out, 'readings.jsonl'), { only: 'layers' }),
      tensorBoardSink(join(out, 'tensorboard')),
    ],
    onFinding: (finding) => findings.push(finding),
    task: { expectDecrease: ['l1'], samples: dataset.train.ids.length },
  })
  gan.watch(monitor)

  const onSampling = afterAWhile((done, total) => onEvent({ type: 'sampling', done, total }))
  const writeSample = async (step: number) => {
    const file = run.writeSample(step, await samples.render(gan, onSampling))
    onEvent({ type: 'sample', step, file })
  }
  const writeCheckpoint = async (step: number) => {
    const { tensors, state } = gan.checkpoint()
    const content: RunState = {
      model: config.model,
      gan: state,
      batches: batches.state(),
      monitor: monitor.state(),
      scalers: { line: scalers.line.toJSON(), colour: scalers.colour.toJSON() },
    }
    const path = await saveCheckpoint(
      run,
      { step, tensors, state: content },
      { keep: config.log.keepCheckpoints },
    )
    tf.dispose(tensors)
    onEvent({ type: 'checkpoint', step, path })
  }

  try {
    let from = 0
    run.writeJson('samples.json', samples.layout)
    run.writeJson('dataset.json', { ...summary, ...placeOfData(run, config.data) })
    if (!resumed) {
      if (base) gan.startFrom(base.tensors)
      await writeSample(0)
      await writeCheckpoint(0)
    } else {
      const { checkpoint } = resumed
      restoring(checkpoint, 'gan', (state) => gan.restore(checkpoint.tensors, state))
      restoring(checkpoint, 'batches', (state) => batches.restore(state))
      restoring(checkpoint, 'monitor', (state) => monitor.restore(state))
      tf.dispose(checkpoint.tensors)
      const repaired = [...resumed.notes, ...run.damagedLines().map((line) => `${line}; left out`)]
      if (!resumed.environment) repaired.push(`${join(out, 'environment.json')} was missing; made anew`)
      run.truncateAfter(checkpoint.step)
      run.writeJson('config.json', config) // The number of steps may have been raised, the data moved.
      recordResume(
        run,
        { step: checkpoint.step, ...args.environment },
        resumed.environment ?? { dataHash: summary.hash },
      )
      from = checkpoint.step
      onEvent({ type: 'resume', step: from, skipped: checkpoint.skipped, repaired })
    }

    onEvent({ type: 'training', from, to: config.steps })
    const { step } = await runSteps({
      from,
      to: config.steps,
      signal,
      step: async (step) => {
        gan.schedule(step)
        const batch = batches.nextGuided(step)
        const { losses, fake, scores } = gan.update(batch.line, batch.colour, batch.hints)
        const values = await readScalars(losses)
        await monitor.step({
          losses: values,
          inputs: batch.line,
          outputs: fake,
          targets: batch.colour,
          ...(scores && { scores }),
        })
        if (monitor.reading?.step === step) {
          for (const [network, norm] of gradientNorms(monitor.reading)) values[`${network}Gradient`] = norm
        }
        tf.dispose([batch.line, batch.colour, batch.hints ?? [], losses, fake, scores ?? []])
        return values
      },
      callbacks: [
        logMetrics(run),
        { onStep: ({ step, losses }) => onEvent({ type: 'step', step, steps: config.steps, losses }) },
        watchLosses({ observer: { observe: () => findings.splice(0) }, onFinding: report }),
        every(config.log.samplesEvery, ({ step }) => writeSample(step)),
        every(config.log.checkpointEvery, ({ step }) => writeCheckpoint(step)),
        obeyCommands({ folder: out, checkpoint: writeCheckpoint, signal }),
      ],
    })
    const interrupted = step < config.steps
    if (interrupted) return { out, step, interrupted }

    const quality = await evaluate(dataset.validation, {
      split: 'validation',
      colour: (line, hints) => gan.colour(line, hints),
      meanColour: scalers.colour.mean,
      strokes: config.model.hints ? EVALUATED_STROKES : [],
      onProgress: (done, total) => onEvent({ type: 'evaluating', done, total }),
    })
    const evaluation: RunEvaluation = { step, ...quality }
    run.writeJson('evaluation.json', evaluation)
    const collapse = colourCollapse(evaluation, step)
    if (collapse) report(collapse)
    await writeColoured(join(out, 'colorized'), dataset.validation, gan, onSampling)
    onEvent({ type: 'evaluation', evaluation })
    return { out, step, interrupted, evaluation }
  } finally {
    await monitor.dispose()
    gan.dispose()
    samples.dispose()
    run.close()
  }
}

const A_WHILE = 2000

/** Progress is told of what has taken two seconds already. */
function afterAWhile(tell: (done: number, total: number) => void): (done: number, total: number) => void {
  let started = 0
  return (done, total) => {
    if (done === 0) started = Date.now()
    else if (Date.now() - started > A_WHILE) tell(done, total)
  }
}
