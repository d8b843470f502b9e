import { join } from 'node:path'
import type { CheckData } from '@dlkit/checks'
import { type Finding, gradientNorms, Monitor, type MonitorState } from '@dlkit/monitors'
import { jsonLinesSink, tensorBoardSink } from '@dlkit/monitors/node'
import type { DropoutCalls } from '@dlkit/regularizers'
import {
  every,
  type LoadedCheckpoint,
  loadCheckpoint,
  logMetrics,
  obeyCommands,
  RunFolder,
  runSteps,
  saveCheckpoint,
  watchLosses,
} from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import type { LoadedTraining } from '../config/training-file.js'
import { Failure } from '../errors.js'
import type { OwnConfig } from './own-config.js'
import { SampleOrder } from './sample-order.js'
import { countOf, hashOf, listOf, take } from './samples.js'
import { seeded } from './seeded.js'
import type { Trainer } from './trainer.js'
import { trainerOf } from './trainer-of.js'

export type OwnEvent =
  | { type: 'samples'; name: string; train: number; validation: number; test: number; hash: string }
  | { type: 'resume'; step: number; skipped: { path: string; reason: string }[]; repaired: string[] }
  | { type: 'training'; from: number; to: number }
  | { type: 'step'; step: number; steps: number; losses: Record<string, number> }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'finding'; finding: Finding }

/** How good a model is on samples that it was not trained on; `evaluation.json` of its run. */
export interface OwnEvaluation {
  step: number
  split: string
  count: number
  model: Record<string, number>
  baselines: Record<string, Record<string, number>>
}

export interface OwnResult {
  out: string
  step: number
  interrupted: boolean
  evaluation?: OwnEvaluation
}

export interface TrainOwnArgs {
  training: LoadedTraining
  config: OwnConfig
  out: string
  resume: boolean
  environment: Record<string, unknown>
  signal?: AbortSignal
  /** Awaited before the next step where it is async. */
  onEvent?: (event: OwnEvent) => void | Promise<void>
}

export interface OwnState {
  counters: Record<string, DropoutCalls>
  monitor: MonitorState
}

/**
 * Trains a model of the user's own and leaves everything in a run folder. All that is random follows from the seed and the
 * number of the step, so a run that is continued has the losses of one that was never stopped.
 */
export async function trainOwn(args: TrainOwnArgs): Promise<OwnResult> {
  const { training, config, out, resume, environment, onEvent = () => {} } = args
  const { data } = training
  const trainer = trainerOf(training.subject)
  let run: RunFolder | undefined
  let checkpoint: LoadedCheckpoint<OwnState> | undefined
  try {
    const summary = await summaryOf(training.file, data)
    if (resume) {
      run = RunFolder.resume(out)
      refuseOtherData(run, training.file, summary.hash)
      checkpoint = await loadCheckpoint<OwnState>(run)
      restore(trainer, checkpoint)
      const repaired = run.damagedLines().map((line) => `${line}; left out`)
      run.truncateAfter(checkpoint.step)
      run.writeJson('config.json', config) // The number of steps may have been raised.
      onEvent({ type: 'resume', step: checkpoint.step, skipped: checkpoint.skipped, repaired })
    } else run = RunFolder.create(out, { config, environment })
    run.writeJson('dataset.json', summary)
    onEvent({ type: 'samples', ...summary })
    return await trainIn(run, trainer, args, checkpoint)
  } finally {
    if (checkpoint) tf.dispose(checkpoint.tensors)
    trainer.dispose()
    run?.close()
  }
}

async function trainIn(
  run: RunFolder,
  trainer: Trainer,
  { training, config, out, signal, onEvent = () => {} }: TrainOwnArgs,
  checkpoint: LoadedCheckpoint<OwnState> | undefined,
): Promise<OwnResult> {
  const { data } = training
  const order = new SampleOrder(countOf(data), config.batch, config.seed)
  const findings: Finding[] = []
  const report = (finding: Finding) => {
    run.appendFinding(finding)
    onEvent({ type: 'finding', finding })
  }
  const monitor = new Monitor({
    every: config.log.gradientsEvery,
    sinks: [
      jsonLinesSink(join(out, 'readings.jsonl'), { only: 'layers' }),
      tensorBoardSink(join(out, 'tensorboard')),
    ],
    onFinding: (finding) => findings.push(finding),
    task: { samples: countOf(data) },
  })
  trainer.watch(monitor)
  if (checkpoint) monitor.restore(checkpoint.state.monitor)

  const save = async (step: number) => {
    await monitor.settled()
    const tensors = trainer.state()
    const state: OwnState = { counters: trainer.counters(), monitor: monitor.state() }
    const path = await saveCheckpoint(run, { step, tensors, state })
    tf.dispose(tensors)
    await onEvent({ type: 'checkpoint', step, path })
  }
  const from = checkpoint?.step ?? 0
  try {
    if (from === 0) await save(0)
    onEvent({ type: 'training', from, to: config.steps })
    const { step } = await runSteps({
      from,
      to: config.steps,
      signal,
      step: (step) =>
        seeded(config.seed, `step ${step}`, async () => {
          const batch = take(data, order.batch(step))
          const [inputs] = listOf(batch.inputs)
          const losses = await trainer.step(batch)
          await monitor.step({ losses, ...(inputs && { inputs }) })
          tf.dispose([batch.inputs, batch.targets ?? []])
          if (monitor.reading?.step === step) {
            for (const [network, norm] of gradientNorms(monitor.reading))
              losses[network === '' ? 'gradient' : `${network}Gradient`] = norm
          }
          const isEpoch = step % order.stepsPerEpoch === 0 || step === config.steps
          if (!data.validation || !isEpoch) return losses
          const held = await trainer.evaluate(data.validation, config.batch)
          return { ...losses, ...prefixed('val_', held) }
        }),
      callbacks: [
        logMetrics(run),
        { onStep: ({ step, losses }) => onEvent({ type: 'step', step, steps: config.steps, losses }) },
        watchLosses({ observer: { observe: () => findings.splice(0) }, onFinding: report }),
        every(config.log.checkpointEvery, ({ step }) => save(step)),
        obeyCommands({ folder: out, checkpoint: save, signal }),
      ],
    })
    const interrupted = step < config.steps
    if (interrupted || !data.validation) return { out, step, interrupted }
    const evaluation: OwnEvaluation = {
      step,
      split: 'validation',
      count: countOf(data.validation),
      model: await trainer.evaluate(data.validation, config.batch),
      baselines: {},
    }
    run.writeJson('evaluation.json', evaluation)
    return { out, step, interrupted, evaluation }
  } finally {
    await monitor.dispose()
  }
}

const prefixed = (prefix: string, values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]))

/** Puts a trainer into the state of a checkpoint. @throws Failure naming what does not fit. */
export function restore(trainer: Trainer, { path, tensors, state }: LoadedCheckpoint<OwnState>): void {
  try {
    trainer.restore(tensors)
    trainer.setCounters(state.counters)
  } catch (error) {
    throw new Failure(
      `${path}: is of another model: ${(error as Error).message} Put the file of the model back as it was`,
      { cause: error },
    )
  }
}

async function summaryOf(name: string, data: CheckData) {
  const [train, validation, test] = [data, data.validation, data.test].map(countOf) as [
    number,
    number,
    number,
  ]
  return { name, train, validation, test, hash: await hashOf(data) }
}

/** Resuming on other data would not continue the run. */
function refuseOtherData(run: RunFolder, file: string, hash: string): void {
  let then: unknown
  try {
    then = (run.readJson('dataset.json') as { hash?: unknown }).hash
  } catch {
    return // Made anew.
  }
  if (then === hash) return
  throw new Failure(
    `${file}: gives other data than ${run.path} was trained on. Put the data back, draw what is random from the seed, or start a new run`,
  )
}
