import { learningRateOf, setLearningRate } from '@dlkit/monitors/tools'
import type * as tf from '@tensorflow/tfjs-core'
import type { Callback, MetricsEvent } from '../callback.js'
import type { StatePart } from '../parts/part.js'
import { readMetric } from './metric.js'

/** The rate at a step, counted from 0, such as the schedules of `@dlkit/optimizers`. */
export type Schedule = (step: number) => number

/** One that is told how the training goes, such as `reduceOnPlateau`. */
export interface ObservingSchedule extends Schedule {
  observe(value: number): void
  state(): unknown
  // biome-ignore lint/suspicious/noExplicitAny: each schedule knows the type of its own state.
  load(state: any): void
}

/**
 * Sets the learning rate of an optimizer before each step: of `tf.train`, to which TensorFlow.js gives one rate for all
 * steps, or of a chain. The schedule is any function of the number of steps made before.
 *
 * A schedule that is told how the training goes needs the name of a metric; put the callback into the parts of a checkpoint then.
 *
 * @throws {RangeError} before the first step with a rate that is negative, NaN or infinite.
 *
 * @example
 * learningRate(optimizer, cosine({ from: 1e-3, to: 0, steps: 1000 }))
 * learningRate(optimizer, reduceOnPlateau({ from: 1e-3, patience: 3 }), { metric: 'val_loss' })
 */
export function learningRate(
  optimizer: tf.Optimizer,
  schedule: ObservingSchedule,
  args: { metric: string },
): Callback & StatePart
export function learningRate(optimizer: tf.Optimizer, schedule: Schedule): Callback
export function learningRate(
  optimizer: tf.Optimizer,
  schedule: Schedule | ObservingSchedule,
  { metric }: { metric?: string } = {},
): Callback {
  const observing = 'observe' in schedule ? schedule : undefined
  if (observing && metric === undefined) {
    throw new RangeError(
      "learningRate: expected the metric that the schedule looks at, got none. Pass { metric: 'val_loss' }.",
    )
  }
  if (Number.isNaN(learningRateOf(optimizer))) {
    throw new TypeError(
      `learningRate: expected an optimizer with a learning rate, got ${optimizer.getClassName()}. Use one of tf.train or a chain.`,
    )
  }
  const set = (step: number) => {
    const rate = schedule(step)
    if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`learningRate: expected a rate of at least 0, got ${rate} for step ${step + 1}.`)
    }
    if (rate !== learningRateOf(optimizer)) setLearningRate(optimizer, rate)
  }
  return {
    name: 'learningRate',
    onStart: ({ from }) => set(from),
    onStep: ({ step }) => set(step),
    ...(observing && {
      onMetrics({ step, metrics }: MetricsEvent) {
        observing.observe(readMetric('learningRate', metric!, metrics))
        set(step)
      },
      state: () => observing.state(),
      restore: (state: unknown) => observing.load(state),
    }),
  }
}
