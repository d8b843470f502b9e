import * as tf from '@tensorflow/tfjs-core'
import { checkShares } from './check-options.js'
import type { ModelWeights } from './model-tensors.js'
import { WeightAverage, type WeightAverageArgs } from './weight-average.js'

/** Options of `ExponentialMovingAverage`. */
export interface ExponentialMovingAverageArgs extends WeightAverageArgs {
  /** Share of the old average that stays at each update, in [0, 1): 0.999 averages over about 1,000 steps. */
  decay: number
  /** Whether early updates keep less of the start: at most `(1 + t) / (10 + t)` after t updates. Default: false. */
  rampUp?: boolean
}

/**
 * A running average of the weights of a model, often better than the last weights: a GAN generator oscillates and its
 * average does not. Call `update` once after each step.
 *
 * `average += (1 - decay) · (weight - average)` after each step, in float32, starting from the weights at construction:
 * the same as `decay · average + (1 - decay) · weight`, whose two rounded factors do not add up to 1.
 *
 * Polyak and Juditsky 1992; for generators Karras et al. 2018 (arXiv:1710.10196), who use 0.999 per step.
 */
export class ExponentialMovingAverage extends WeightAverage {
  readonly decay: number

  constructor(model: ModelWeights, { decay, rampUp = false, ...args }: ExponentialMovingAverageArgs) {
    checkShares('ExponentialMovingAverage', { decay })
    super('ExponentialMovingAverage', model, { ...args, counts: rampUp })
    this.decay = decay
  }

  protected override share(updates: tf.Tensor | undefined): tf.Tensor {
    const last = tf.scalar(1 - this.decay)
    return updates === undefined ? last : tf.maximum(last, tf.div(9, tf.add(updates, 10)))
  }
}
