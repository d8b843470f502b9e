import * as tf from '@tensorflow/tfjs-core'
import { Dropout } from './dropout.js'
import { SpatialDropout2D } from './spatial-dropout-2d.js'

/**
 * Makes the classes of this package known to `tf.loadLayersModel`. Call it once before loading a saved model;
 * calling it again does nothing. `l1`, `l2` and `l1l2` are tfjs's own and need no registration.
 */
export function registerRegularizers(): void {
  tf.serialization.registerClass(Dropout)
  tf.serialization.registerClass(SpatialDropout2D)
}
