import * as tf from '@tensorflow/tfjs-core'
import { checkPositive, checkShares } from './check-options.js'
import type { LearningRate } from './learning-rate.js'
import { movingAverage } from './moving-average.js'
import { mapDirections, type Step, stateOf, type Transform } from './step.js'

/** Options of `rmsprop`. */
export interface RmspropArgs {
  learningRate: LearningRate
  /** Decay of the mean of squared gradients, in [0, 1). Default: 0.99. */
  decay?: number
  /** In [0, 1). Default: 0. */
  momentum?: number
  /** Added to the root of that mean, above 0. Default: 1e-8. */
  epsilon?: number
  /** Whether the squared mean of gradients is subtracted, which leaves their variance. Default: false. */
  centered?: boolean
}

/**
 * RMSProp: `v` is a moving average of g², `w -= rate · g / (√v + epsilon)`. As PyTorch's `RMSprop`; `tf.train.rmsprop`
 * has epsilon within the root, decay 0.9, and the rate within the momentum.
 *
 * Hinton, lecture 6e of Neural Networks for Machine Learning, 2012; centered: Graves 2013 (arXiv:1308.0850).
 */
export function rmsprop({
  learningRate,
  decay = 0.99,
  momentum = 0,
  epsilon = 1e-8,
  centered = false,
}: RmspropArgs): Transform {
  checkShares('rmsprop', { decay, momentum })
  checkPositive('rmsprop', { epsilon })
  return {
    name: 'rmsprop',
    learningRate,
    update(step: Step) {
      const average = movingAverage(decay)
      const [offset, share] = [tf.scalar(epsilon), tf.scalar(momentum)]
      return mapDirections(step, ({ variable, direction }) => {
        const state = (slot: string) => stateOf(step, slot, variable.shape, { weight: variable })
        const square = state('square')
        let spread = square.keep(average(square.value, tf.square(direction)))
        if (centered) {
          const mean = state('mean')
          spread = tf.sub(spread, tf.square(mean.keep(average(mean.value, direction))))
        }
        const scaled = tf.div(direction, tf.add(tf.sqrt(centered ? tf.relu(spread) : spread), offset))
        if (momentum === 0) return scaled
        const velocity = state('velocity')
        return velocity.keep(tf.add(tf.mul(velocity.value, share), scaled))
      })
    },
  }
}
