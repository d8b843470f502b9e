import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Params } from '@dlkit/search'
import { RunFolder } from '@dlkit/training'
import * as tf from '@tensorflow/tfjs-core'
import { readTrainingFile } from '../config/training-file.js'
import { Failure } from '../errors.js'
import { fromRun, type OwnConfig } from '../training/own-config.js'
import { checkData, countOf, listOf, samplesOf, splits } from '../training/samples.js'
import { trainOwn } from '../training/train-own.js'

/** How the trials of a search train; the same on every machine. */
export interface TrialSettings {
  file: string
  /** What is minimized or maximized, as in metrics.jsonl. */
  metric: string
  epochs?: number
  batch?: number
  seed: number
  engine: string
}

export interface TrialArgs extends TrialSettings {
  params: Params
  /** The run folder; a run that is there is continued. */
  out: string
  signal?: AbortSignal
  /** Called after each epoch, with a checkpoint on the disk. */
  report?: (epoch: number, value: number) => Promise<void>
}

/** Trains with other parameters and returns the metric at the end. The engine has to be in use. */
export async function trainTrial(args: TrialArgs): Promise<number> {
  const { file, metric, params, seed, out, signal, report } = args
  const newest = newestTensor()
  const training = await readTrainingFile(file, { seed, changes: params })
  checkData(file, training.data)
  const batch = args.batch ?? training.batchSize
  const perEpoch = Math.ceil(countOf(training.data) / batch)
  const config: OwnConfig = {
    training: fromRun(out, file),
    params: training.params,
    steps: (args.epochs ?? training.epochs) * perEpoch,
    batch,
    seed,
    engine: args.engine,
    log: { checkpointEvery: perEpoch, gradientsEvery: 100 },
  }
  const resume = existsSync(join(out, 'checkpoints'))
  let value = Number.NaN
  if (resume) value = lastValue(out, metric)
  try {
    const { interrupted } = await trainOwn({
      training,
      config,
      out,
      resume,
      environment: {},
      ...(signal && { signal }),
      async onEvent(event) {
        if (event.type === 'step' && (event.step % perEpoch === 0 || event.step === config.steps)) {
          const found = event.losses[metric]
          if (found === undefined) throw unknownMetric(file, metric, Object.keys(event.losses))
          value = found
        }
        if (event.type === 'checkpoint' && event.step > 0)
          await report?.(Math.ceil(event.step / perEpoch), value)
      },
    })
    if (interrupted) throw new Error('interrupted')
    return value
  } finally {
    // What the file made for this trial alone; data that all trials share is older.
    for (const split of splits) {
      const samples = samplesOf(training.data, split)
      const tensors = [...listOf(samples?.inputs), ...listOf(samples?.targets)]
      tf.dispose(tensors.filter(({ id }) => id > newest))
    }
  }
}

/** Tensors that are made later have larger numbers. */
function newestTensor(): number {
  return tf.tidy(() => tf.scalar(0).id)
}

function lastValue(out: string, metric: string): number {
  const lines = RunFolder.open(out).readMetrics()
  return lines.findLast(({ values }) => metric in values)?.values[metric] ?? Number.NaN
}

function unknownMetric(file: string, metric: string, known: readonly string[]): Failure {
  const hint = metric.startsWith('val_') ? ' (val_… needs data.validation)' : ''
  return new Failure(`--metric: ${file} has no ${metric}${hint}; choose from ${known.join(', ')}`)
}
