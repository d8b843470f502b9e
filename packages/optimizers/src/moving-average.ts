import * as tf from '@tensorflow/tfjs-core'
import { type Step, stateOf } from './step.js'

/** `decay · old + (1 - decay) · next`, with the scalars made once for all weights of a step. */
export function movingAverage(decay: number): (old: tf.Tensor, next: tf.Tensor) => tf.Tensor {
  const [keep, take] = [tf.scalar(decay), tf.scalar(1 - decay)]
  return (old, next) => tf.add(tf.mul(old, keep), tf.mul(next, take))
}

/**
 * The sum of the weights in a moving average that began with 0, `1 - decay^t`: what the average is divided by. Itself a
 * moving average, of ones: all its terms are positive, so it is right to the last bits from the first step on.
 */
export function averageWeight(
  step: Step,
  slot: string,
  average: ReturnType<typeof movingAverage>,
): tf.Tensor {
  const weight = stateOf(step, slot, [])
  return weight.keep(average(weight.value, tf.scalar(1)))
}
