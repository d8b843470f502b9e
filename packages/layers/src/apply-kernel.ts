import * as tf from '@tensorflow/tfjs-core'

/**
 * Multiplies the last axis of `x` by a kernel `[inputs, outputs]`; the caller is within `tf.tidy`.
 *
 * Through rank 2, because tfjs's gradient of matMul does not sum over a broadcast batch axis.
 */
export function applyKernel(x: tf.Tensor, kernel: tf.Tensor): tf.Tensor {
  const [inputs, outputs] = kernel.shape as [number, number]
  const rows = tf.matMul(tf.reshape(x, [-1, inputs]), kernel)
  return tf.reshape(rows, [...x.shape.slice(0, -1), outputs])
}
