import * as tf from '@tensorflow/tfjs-core'
import { checkPositive, checkShares } from './check-options.js'
import { fusedAdam } from './fused-adam.js'
import type { LearningRate } from './learning-rate.js'
import { averageWeight, movingAverage } from './moving-average.js'
import { mapDirections, stateOf, type Transform } from './step.js'
import { decayOfWeights, type WeightDecayArgs } from './weight-decay.js'

export interface AdamArgs {
  learningRate: LearningRate
  /** Decay of the mean of gradients, in [0, 1). GANs often use 0.5 or 0. Default: 0.9. */
  beta1?: number
  /** Decay of the mean of squared gradients, in [0, 1). Default: 0.999. */
  beta2?: number
  /** Added to the root of that mean, above 0. Default: 1e-8. */
  epsilon?: number
}

/**
 * Adam: `w -= rate · m̂ / (√v̂ + epsilon)`, where m̂ and v̂ are moving averages of the gradient and its square, divided by
 * `1 - beta^t`. As PyTorch's `Adam`.
 *
 * Kingma and Ba 2015 (arXiv:1412.6980).
 */
export function adam(args: AdamArgs): Transform {
  return decayingAdam(args, () => undefined)
}

/** @param decayOf what is added to the direction of a weight. */
function decayingAdam(
  { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamArgs,
  decayOf: (variable: tf.Variable) => tf.Tensor | undefined,
): Transform {
  checkShares('adam', { beta1, beta2 })
  checkPositive('adam', { epsilon })
  return {
    name: 'adam',
    learningRate,
    update(step) {
      const [averageFirst, averageSecond] = [movingAverage(beta1), movingAverage(beta2)]
      const firstWeight = averageWeight(step, 'firstWeight', averageFirst)
      const secondWeight = averageWeight(step, 'secondWeight', averageSecond)
      const slots = step.updates.map(({ variable, direction }) => ({
        first: stateOf(step, 'first', variable.shape, { weight: variable }),
        second: stateOf(step, 'second', variable.shape, { weight: variable }),
        gradient: direction,
        decay: decayOf(variable),
      }))
      const fused = fusedAdam(slots, { firstWeight, secondWeight }, { beta1, beta2, epsilon })
      if (fused) return mapDirections(step, (_, index) => fused[index]!)
      // m / firstWeight / (√(v / secondWeight) + epsilon), with the divisions by scalars done once for all weights.
      const scale = tf.div(firstWeight, tf.sqrt(secondWeight))
      const offset = tf.mul(firstWeight, epsilon)
      return mapDirections(step, (_, index) => {
        const { first, second, gradient, decay } = slots[index]!
        const mean = first.keep(averageFirst(first.value, gradient))
        const square = second.keep(averageSecond(second.value, tf.square(gradient)))
        const direction = tf.div(mean, tf.add(tf.mul(tf.sqrt(square), scale), offset))
        return decay === undefined ? direction : tf.add(direction, decay)
      })
    },
  }
}

export interface AdamWArgs extends AdamArgs, Pick<WeightDecayArgs, 'exclude'> {
  /** Share of a weight that goes per step, times the learning rate; at least 0. Default: 0.01. */
  weightDecay?: number
}

/**
 * {@link adam} and then {@link weightDecay}: weights shrink by `rate · weightDecay`, which the gradients' size does not
 * change. As PyTorch's `AdamW`.
 *
 * Loshchilov and Hutter 2019 (arXiv:1711.05101).
 */
export function adamW({ weightDecay: rate = 0.01, exclude = [], ...args }: AdamWArgs): Transform {
  return decayingAdam(args, decayOfWeights({ rate, exclude }))
}
