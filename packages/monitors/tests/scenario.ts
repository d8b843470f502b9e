import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, ModelFitArgs } from '@tensorflow/tfjs-layers'
import { type Finding, Monitor, type MonitorArgs, monitorCallback } from '../src/index.js'
import type { Samples } from './data.js'
import { withDraw } from './random.js'

/** A training of at most 200 steps with default settings of the monitor. */
export interface Training {
  name: string
  architecture: string
  run(): Promise<Finding[]>
}

/** The training reproducibly, with random numbers that `run(1)`, `run(2)` … draw anew. */
export function inDraws<T extends Training>(training: T) {
  return { ...training, run: (draw = 0) => withDraw(draw, training.run) }
}

export const STEPS = 200

interface FitArgs extends Partial<ModelFitArgs> {
  model: LayersModel
  data: Samples
  loss?: string | ((targets: tf.Tensor, outputs: tf.Tensor) => tf.Tensor)
  rate?: number
  optimizer?: tf.Optimizer
  steps?: number
  validation?: Samples
}

/** Trains with `model.fit`, reproducibly, and returns the findings. */
export async function fitFindings({
  model,
  data,
  loss = 'categoricalCrossentropy',
  rate = 0.01,
  optimizer = tf.train.adam(rate),
  steps = STEPS,
  batchSize = 16,
  validation,
  ...rest
}: FitArgs): Promise<Finding[]> {
  const monitor = new Monitor({ sinks: [] })
  model.compile({ optimizer, loss: loss as string })
  const perEpoch = Math.ceil(data.x.shape[0]! / batchSize)
  await model.fit(data.x, data.y, {
    epochs: Math.max(1, Math.floor(steps / perEpoch)),
    batchSize,
    verbose: 0,
    yieldEvery: 'never',
    callbacks: monitorCallback(monitor),
    ...(validation && { validationData: [validation.x, validation.y] }),
    ...rest,
  })
  await monitor.dispose()
  model.dispose()
  return monitor.findings
}

/** Runs a loop of its own for `steps` steps. */
export async function loopFindings(
  args: MonitorArgs,
  start: (monitor: Monitor) => (step: number) => Promise<void> | void,
  steps = STEPS,
): Promise<Finding[]> {
  const monitor = new Monitor({ sinks: [], ...args })
  const step = start(monitor)
  for (let i = 1; i <= steps; i++) await step(i)
  await monitor.dispose()
  return monitor.findings
}
