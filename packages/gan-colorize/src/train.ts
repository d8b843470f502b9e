import { join } from 'node:path'
import { type BatchesState, PairBatches } from '@dlkit/data'
import { type Finding, gradientNorms, Monitor, type MonitorState } from '@dlkit/monitors'
import {
  every,
  type LoadedCheckpoint,
  loadCheckpoint,
  logMetrics,
  RunFolder,
  runSteps,
  saveCheckpoint,
  watchLosses,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import type { Config } from './config.js'
import { type DatasetSummary, loadPairs, refuseOtherData, summaryOf } from './dataset.js'
import { type Evaluation, evaluate } from './evaluate.js'
import { ColorGan, type GanState, readScalars } from './gan.js'
import { FixedSamples, writeColoured } from './samples.js'
import { fitScalers, restoreScalers, type ScalerStates, type Scalers } from './scalers.js'

export interface TrainArgs {
  config: Config
  /** The run folder: new, or one that `resume` continues. */
  out: string
  resume?: boolean
  /** Written to environment.json: engine, versions, machine. */
  environment: Record<string, unknown>
  /** Ends the run after the current step, with a checkpoint. */
  signal?: AbortSignal
  onEvent?: (event: TrainEvent) => void
}

interface RunState {
  gan: GanState
  batches: BatchesState
  monitor: MonitorState
  scalers: ScalerStates
}

export type TrainEvent =
  | { type: 'data'; done: number; total: number }
  | ({ type: 'dataset' } & DatasetSummary)
  | { type: 'resume'; step: number; skipped: { path: string; reason: string }[] }
  | { type: 'step'; step: number; steps: number; losses: Record<string, number> }
  | { type: 'sample'; step: number; file: string }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'finding'; finding: Finding }
  | { type: 'evaluation'; evaluation: RunEvaluation }

/** What `evaluation.json` of a run says. */
export interface RunEvaluation extends Evaluation {
  /** Finished steps of the model that was evaluated; a run may have trained on since. */
  step: number
}

export interface TrainResult {
  out: string
  step: number
  interrupted: boolean
  evaluation?: RunEvaluation
}

/**
 * Trains the colouring GAN and leaves everything it knows in a run folder. The same configuration gives the same
 * losses bit for bit on one engine, in one go or resumed.
 */
export async function train(args: TrainArgs): Promise<TrainResult> {
  const { config, out, signal, onEvent = () => {} } = args

  // Data, and the statistics of its training part: validation and later drawings are scaled with the same numbers.
  const dataset = await loadPairs(config, { onEvent, signal })
  const summary = summaryOf(dataset)
  onEvent({ type: 'dataset', ...summary })
  const checkpoint = args.resume ? await openCheckpoint(out, summary) : undefined
  const scalers = checkpoint?.scalers ?? (await fitScalers(dataset.train))

  const run = args.resume
    ? RunFolder.open(out)
    : RunFolder.create(out, { config, environment: { ...args.environment, dataHash: summary.hash } })
  const gan = new ColorGan(config, scalers.line)
  const batches = new PairBatches(dataset.train, { batchSize: config.batch, seed: config.seed })
  const samples = new FixedSamples(dataset.validation)
  const report = (finding: Finding) => {
    run.appendFinding(finding)
    onEvent({ type: 'finding', finding })
  }
  // Findings wait here until the metrics of their step have been written.
  const findings: Finding[] = []
  const monitor = new Monitor({
    every: config.log.gradientsEvery,
    sinks: [],
    onFinding: (finding) => findings.push(finding),
    task: { expectDecrease: ['l1'], samples: dataset.train.ids.length },
  })
  gan.watch(monitor)

  const writeSample = async (step: number) => {
    const file = run.writeSample(step, await samples.render(gan))
    onEvent({ type: 'sample', step, file })
  }
  const writeCheckpoint = async (step: number) => {
    const { tensors, state } = gan.checkpoint()
    const content: RunState = {
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
    if (!checkpoint) {
      run.writeJson('dataset.json', summary)
      await writeSample(0)
      await writeCheckpoint(0)
    } else {
      gan.restore(checkpoint.tensors, checkpoint.state.gan)
      tf.dispose(checkpoint.tensors)
      batches.restore(checkpoint.state.batches)
      monitor.restore(checkpoint.state.monitor)
      run.truncateAfter(checkpoint.step)
      run.writeJson('config.json', config) // The number of steps may have been raised.
      recordResume(run, { step: checkpoint.step, ...args.environment })
      from = checkpoint.step
      onEvent({ type: 'resume', step: from, skipped: checkpoint.skipped })
    }

    const { step, interrupted } = await runSteps({
      from,
      to: config.steps,
      signal,
      step: async (step) => {
        const batch = batches.next()
        const { losses, fake, scores } = gan.update(batch.line, batch.colour)
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
        tf.dispose([batch.line, batch.colour, losses, fake, scores ?? []])
        return values
      },
      callbacks: [
        logMetrics(run),
        { onStep: ({ step, losses }) => onEvent({ type: 'step', step, steps: config.steps, losses }) },
        watchLosses({ observer: { observe: () => findings.splice(0) }, onFinding: report }),
        every(config.log.samplesEvery, ({ step }) => writeSample(step)),
        every(config.log.checkpointEvery, ({ step }) => writeCheckpoint(step)),
      ],
    })
    if (interrupted) return { out, step, interrupted }

    const colour = (line: tf.Tensor4D) => gan.colour(line)
    const quality = await evaluate(dataset.validation, 'validation', colour, scalers.colour.mean)
    const evaluation: RunEvaluation = { step, ...quality }
    run.writeJson('evaluation.json', evaluation)
    await writeColoured(join(out, 'colorized'), dataset.validation, gan)
    onEvent({ type: 'evaluation', evaluation })
    return { out, step, interrupted, evaluation }
  } finally {
    await monitor.dispose()
    gan.dispose()
    samples.dispose()
    run.close()
  }
}

/** A run may continue on another engine, machine or commit: environment.json keeps all of them. */
function recordResume(run: RunFolder, resume: Record<string, unknown>): void {
  const environment = run.readJson('environment.json') as { resumed?: unknown[] }
  run.writeJson('environment.json', { ...environment, resumed: [...(environment.resumed ?? []), resume] })
}

/** The checkpoint that a run continues from, and its scalers; refuses other data than the run started with. */
async function openCheckpoint(
  path: string,
  summary: DatasetSummary,
): Promise<LoadedCheckpoint<RunState> & { scalers: Scalers }> {
  const run = RunFolder.open(path)
  try {
    refuseOtherData(run, summary)
    const checkpoint = await loadCheckpoint<RunState>(run)
    return { ...checkpoint, scalers: restoreScalers(checkpoint) }
  } finally {
    run.close()
  }
}
