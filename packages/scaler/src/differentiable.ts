import * as tf from '@tensorflow/tfjs-core'

/** `value(x)` for each element, with the given slope as its gradient. */
export function differentiable(
  x: tf.Tensor,
  value: (x: tf.Tensor) => tf.Tensor,
  slope: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const f = tf.customGrad((input, save) => {
    ;(save as tf.GradSaveFunc)([input as tf.Tensor])
    return {
      value: value(input as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, slope(saved[0]!)),
    }
  })
  return f(x)
}

/** `y`, but NaN where `x` is: not every backend keeps it through minima and maxima. */
export function nanOf(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.where(tf.isNaN(x), x, y)
}
