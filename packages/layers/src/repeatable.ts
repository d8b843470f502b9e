import * as tf from '@tensorflow/tfjs-core'
import { asFloat } from './as-float.js'

/**
 * An elementwise function whose gradients of any order are right.
 *
 * tfjs 4.22 keeps the output of exp, sigmoid and tanh for the gradient, but puts that copy on its tape before the
 * operation itself. A second derivative therefore takes the copy for a constant and is wrong, without an error unless
 * nothing else is left to differentiate. Here the derivative is calculated anew from the input.
 */
export function repeatable(
  f: (x: tf.Tensor) => tf.Tensor,
  derivative: (x: tf.Tensor) => tf.Tensor,
): (x: tf.Tensor) => tf.Tensor {
  const differentiable = tf.customGrad((x, save) => {
    const input = x as tf.Tensor
    ;(save as tf.GradSaveFunc)([input])
    return {
      value: f(input),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, derivative(saved[0]!)),
    }
  })
  return (x) => tf.tidy(() => differentiable(asFloat(x)))
}
