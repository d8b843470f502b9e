import * as tf from '@tensorflow/tfjs-core'
import { ActivityRegularization } from './activity-regularization.js'
import { AlphaDropout } from './alpha-dropout.js'
import { DropBlock2D } from './drop-block-2d.js'
import { DropPath } from './drop-path.js'
import { Dropout } from './dropout.js'
import { GaussianDropout } from './gaussian-dropout.js'
import { GroupLassoRegularizer } from './group-lasso.js'
import { KlRegularization } from './kl-to-standard-normal.js'
import { OrthogonalRegularizer } from './orthogonal.js'
import { SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from './spatial-dropout.js'

/**
 * Makes the classes of this package known to `tf.loadLayersModel`. Call it once before loading a saved model;
 * calling it again does nothing. `l1`, `l2` and `l1l2` are tfjs's own and need no registration.
 */
export function registerRegularizers(): void {
  tf.serialization.registerClass(ActivityRegularization)
  tf.serialization.registerClass(AlphaDropout)
  tf.serialization.registerClass(DropBlock2D)
  tf.serialization.registerClass(DropPath)
  tf.serialization.registerClass(Dropout)
  tf.serialization.registerClass(GaussianDropout)
  tf.serialization.registerClass(GroupLassoRegularizer)
  tf.serialization.registerClass(KlRegularization)
  tf.serialization.registerClass(OrthogonalRegularizer)
  tf.serialization.registerClass(SpatialDropout1D)
  tf.serialization.registerClass(SpatialDropout2D)
  tf.serialization.registerClass(SpatialDropout3D)
}
