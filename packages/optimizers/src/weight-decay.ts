import * as tf from '@tensorflow/tfjs-core'
import { checkNotNegative } from './check-options.js'
import { matchesAny, type NamePattern } from './name-pattern.js'
import { mapDirections, type Transform } from './step.js'

/** Options of `weightDecay`. */
export interface WeightDecayArgs {
  /** Share of a weight that goes per step, times the learning rate; at least 0. */
  rate: number
  /** Weights that do not decay, often `['bias', 'gamma', 'beta']`. Default: none. */
  exclude?: readonly NamePattern[]
}

/**
 * Adds `rate · weight` to the direction. After `adam` and others it is decoupled weight decay: `w -= learningRate ·
 * (direction + rate · w)`. Before them it is the gradient of `rate / 2 · Σw²`, an L2 penalty.
 *
 * Loshchilov and Hutter 2019 (arXiv:1711.05101).
 */
export function weightDecay(args: WeightDecayArgs): Transform {
  const decayOf = decayOfWeights(args)
  return {
    name: 'weightDecay',
    update: (step) =>
      mapDirections(step, ({ variable, direction }) => {
        const decay = decayOf(variable)
        return decay === 0 ? direction : tf.add(direction, tf.mul(variable, decay))
      }),
  }
}

/** The share of a weight that is added: none of those that do not decay. */
export function decayOfWeights({ rate, exclude = [] }: WeightDecayArgs): (variable: tf.Variable) => number {
  checkNotNegative('weightDecay', { rate })
  return (variable) => (matchesAny(exclude, variable.name) ? 0 : rate)
}
