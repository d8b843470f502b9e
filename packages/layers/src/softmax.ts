import * as tf from '@tensorflow/tfjs-core'
import { asFloat } from './as-float.js'

/**
 * Softmax over the last axis whose gradients of any order are right.
 *
 * tfjs 4.22 keeps the output of tf.softmax for the gradient, but puts that copy on its tape before the softmax itself.
 * A second derivative therefore takes the copy for a constant and is wrong, without an error unless nothing else is
 * left to differentiate; so are those of exp, sigmoid and tanh. Here the gradient calculates the output anew from the
 * input, `dx = y · (dy - Σ dy · y)`.
 */
export function softmax(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => differentiable(asFloat(x)))
}

const differentiable = tf.customGrad((x, save) => {
  const input = x as tf.Tensor
  ;(save as tf.GradSaveFunc)([input])
  return {
    value: tf.softmax(input),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const y = softmax(saved[0]!)
      return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true)))
    },
  }
})
