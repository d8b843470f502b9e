import * as tf from '@tensorflow/tfjs-core'
import { MultiHeadAttention } from './multi-head-attention.js'
import { SelfAttention2D } from './self-attention-2d.js'

/**
 * Makes the classes of this package known to `tf.loadLayersModel`. Call it once before loading a saved model;
 * calling it again does nothing. `prelu` makes tfjs's own layer and needs no registration.
 */
export function registerLayers(): void {
  tf.serialization.registerClass(MultiHeadAttention)
  tf.serialization.registerClass(SelfAttention2D)
}
