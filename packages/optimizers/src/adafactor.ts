import * as tf from '@tensorflow/tfjs-core'
import { checkPositive } from './check-options.js'
import { type LearningRate, rateAt } from './learning-rate.js'
import { mapDirections, type Step, stateOf, type Transform } from './step.js'

/** Options of `adafactor`. */
export interface AdafactorArgs {
  /** Limit of the rate relative to the size of the weights, `min(learningRate, 1 / √t)`. Default: 0.01. */
  learningRate?: LearningRate
  /** The decay of the averages is `1 - t^-decayPower`; above 0. Default: 0.8. */
  decayPower?: number
  /** Smallest mean square of gradients, above 0. Default: 2^-23. */
  epsilon?: number
  /** Smallest root mean square of a weight in the rate, above 0. Default: 1e-3. */
  smallestWeight?: number
  /** Largest root mean square of an update before the rate, above 0. Default: 1. */
  clip?: number
}

/**
 * Adam's scaling from sums of rows and columns instead of a value for each element: for a kernel `[…, inputs, outputs]` it
 * keeps `[…, inputs, 1]` and `[…, 1, outputs]`, and no momentum. Weights of rank 0 and 1 keep all values. As PyTorch's
 * `Adafactor`; decay of the weights is {@link weightDecay} of its own and proportional to their size here.
 *
 * Shazeer and Stern 2018 (arXiv:1804.04235).
 */
export function adafactor({
  learningRate = 0.01,
  decayPower = 0.8,
  epsilon = 2 ** -23,
  smallestWeight = 1e-3,
  clip = 1,
}: AdafactorArgs = {}): Transform {
  checkPositive('adafactor', { decayPower, epsilon, smallestWeight, clip })
  return {
    name: 'adafactor',
    learningRate: (count) => Math.min(rateAt(learningRate, count), 1 / Math.sqrt(count + 1)),
    update(step) {
      const counted = stateOf(step, 'count', [])
      const take = tf.pow(counted.keep(tf.add(counted.value, 1)), -decayPower)
      const average = (old: tf.Tensor, next: tf.Tensor) => tf.add(old, tf.mul(tf.sub(next, old), take))
      return mapDirections(step, ({ variable, direction }) => {
        const square = meanSquare(step, variable, tf.square(direction), average, epsilon)
        const update = tf.mul(tf.rsqrt(tf.maximum(square, epsilon ** 2)), direction)
        const size = tf.maximum(rootMeanSquare(variable), smallestWeight)
        return tf.mul(update, tf.div(size, tf.maximum(1, tf.div(rootMeanSquare(update), clip))))
      })
    },
  }
}

/** The averaged squares of the gradients, of rank 2 and more as the product of their rows and columns. */
function meanSquare(
  step: Step,
  variable: tf.Variable,
  square: tf.Tensor,
  average: (old: tf.Tensor, next: tf.Tensor) => tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const averaged = (slot: string, next: tf.Tensor) => {
    const state = stateOf(step, slot, next.shape, { weight: variable })
    return state.keep(average(state.value, next))
  }
  if (variable.rank < 2) return averaged('square', square)
  const rows = averaged('rows', tf.mean(square, -1, true)) // […, inputs, 1]
  const columns = averaged('columns', tf.mean(square, -2, true)) // […, 1, outputs]
  return tf.div(tf.mul(rows, columns), tf.maximum(tf.mean(rows, -2, true), epsilon))
}

function rootMeanSquare(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.mean(tf.square(x)))
}
