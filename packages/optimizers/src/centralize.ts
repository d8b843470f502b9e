import * as tf from '@tensorflow/tfjs-core'
import { axesOfUnit } from './clip.js'
import { mapDirections, type Transform } from './step.js'

/**
 * Gradient centralization: subtracts from the gradient of each output unit of a kernel its mean. Weights of rank 0 and 1
 * stay as they are.
 *
 * Yong et al. 2020 (arXiv:2004.01461).
 */
export function centralize(): Transform {
  return {
    name: 'centralize',
    update: (step) =>
      mapDirections(step, ({ direction }) =>
        direction.rank < 2 ? direction : tf.sub(direction, tf.mean(direction, axesOfUnit(direction), true)),
      ),
  }
}
