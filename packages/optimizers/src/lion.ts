import * as tf from '@tensorflow/tfjs-core'
import { checkShares } from './check-options.js'
import type { LearningRate } from './learning-rate.js'
import { movingAverage } from './moving-average.js'
import { mapDirections, stateOf, type Transform } from './step.js'

/** Options of `lion`. */
export interface LionArgs {
  /** A third to a tenth of Adam's. */
  learningRate: LearningRate
  /** Share of the momentum in the direction, in [0, 1). Default: 0.9. */
  beta1?: number
  /** Decay of the momentum, in [0, 1). Default: 0.99. */
  beta2?: number
}

/**
 * Lion: `w -= rate · sign(beta1 · m + (1 - beta1) · g)`, then `m = beta2 · m + (1 - beta2) · g`. One state per weight. With
 * {@link weightDecay}, take three to ten times that of AdamW. As optax' `scale_by_lion`.
 *
 * Chen et al. 2023 (arXiv:2302.06675).
 */
export function lion({ learningRate, beta1 = 0.9, beta2 = 0.99 }: LionArgs): Transform {
  checkShares('lion', { beta1, beta2 })
  return {
    name: 'lion',
    learningRate,
    update(step) {
      const [look, average] = [movingAverage(beta1), movingAverage(beta2)]
      return mapDirections(step, ({ variable, direction }) => {
        const momentum = stateOf(step, 'momentum', variable.shape, { weight: variable })
        const ahead = look(momentum.value, direction)
        momentum.keep(average(momentum.value, direction))
        return tf.sign(ahead)
      })
    },
  }
}
