import * as tf from '@tensorflow/tfjs-core'

/**
 * `gamma · (x - mean) / √(variance + epsilon) + beta` over the last axis; the caller is within `tf.tidy`.
 *
 * @param x `[..., channels]`
 * @param gamma `[channels]`
 * @param beta `[channels]`
 */
export function layerNormalization(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true)
  const normalized = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)))
  return tf.add(tf.mul(normalized, gamma), beta)
}
