import * as tf from '@tensorflow/tfjs-core'

/** Integers and booleans as float32; what is float32 stays as it is. The caller is within `tf.tidy`. */
export function asFloat(x: tf.Tensor): tf.Tensor {
  return x.dtype === 'float32' ? x : tf.cast(x, 'float32')
}
