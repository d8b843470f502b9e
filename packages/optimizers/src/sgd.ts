import * as tf from '@tensorflow/tfjs-core'
import { checkShares } from './check-options.js'
import type { LearningRate } from './learning-rate.js'
import { mapDirections, stateOf, type Transform } from './step.js'

/** Options of `sgd`. */
export interface SgdArgs {
  learningRate: LearningRate
  /** In [0, 1); 0.9 is usual. Default: 0. */
  momentum?: number
  /** Nesterov's momentum: look ahead along the velocity. Default: false. */
  nesterov?: boolean
}

/**
 * Gradient descent, with momentum if asked for: `v = momentum · v + g`, `w -= rate · v`, or with `nesterov`
 * `w -= rate · (g + momentum · v)`. As PyTorch's `SGD`.
 *
 * Sutskever et al. 2013 (proceedings.mlr.press/v28/sutskever13).
 *
 * @throws {RangeError} for nesterov without momentum.
 */
export function sgd({ learningRate, momentum = 0, nesterov = false }: SgdArgs): Transform {
  checkShares('sgd', { momentum })
  if (nesterov && momentum === 0) {
    throw new RangeError('sgd: expected a momentum with nesterov, got 0. Use momentum: 0.9.')
  }
  return {
    name: 'sgd',
    learningRate,
    update(step) {
      if (momentum === 0) return step
      const share = tf.scalar(momentum)
      return mapDirections(step, ({ variable, direction }) => {
        const velocity = stateOf(step, 'velocity', variable.shape, { weight: variable })
        const next = velocity.keep(tf.add(tf.mul(velocity.value, share), direction))
        return nesterov ? tf.add(direction, tf.mul(next, share)) : next
      })
    },
  }
}
