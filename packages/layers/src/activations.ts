import * as tf from '@tensorflow/tfjs-core'
import { repeatable } from './repeatable.js'

/** `eˣ`; unlike tf.exp with a second derivative that is right. */
export const exp: (x: tf.Tensor) => tf.Tensor = repeatable(tf.exp, (x) => exp(x))

/** `1 / (1 + e⁻ˣ)`; unlike tf.sigmoid with a second derivative that is right. */
export const sigmoid: (x: tf.Tensor) => tf.Tensor = repeatable(tf.sigmoid, (x) =>
  tf.mul(sigmoid(x), sigmoid(tf.neg(x))),
)

/** Hyperbolic tangent; unlike tf.tanh with a second derivative that is right. */
export const tanh: (x: tf.Tensor) => tf.Tensor = repeatable(tf.tanh, (x) => tf.sub(1, tf.square(tanh(x))))

/**
 * `max(x, 0) + alpha · min(x, 0)`: unlike tf.leakyRelu it has a second derivative. At 0 its slope is `alpha`, so that
 * zeros learn.
 *
 * @param alpha slope for negative values, 0.2 by default.
 */
export function leakyRelu(x: tf.Tensor, alpha = 0.2): tf.Tensor {
  return repeatable(
    (input) => tf.leakyRelu(input, alpha),
    (input) => tf.step(input, alpha),
  )(x)
}

/** `min(x, 0)` with slope 1 at 0. */
const negativePart = repeatable(
  (x) => tf.neg(tf.relu(tf.neg(x))),
  (x) => tf.sub(1, tf.step(x)),
)

/**
 * `x` for `x > 0`, `alpha · (eˣ - 1)` elsewhere; unlike tf.elu it has a second derivative. At 0 its slope is `alpha`.
 *
 * Clevert et al. 2015, arXiv:1511.07289.
 *
 * @param alpha minus the limit for large negative values, 1 by default.
 */
export function elu(x: tf.Tensor, alpha = 1): tf.Tensor {
  return repeatable(
    (input) => (alpha === 1 ? tf.elu(input) : scaledElu(input, alpha)),
    (input) => {
      const positive = tf.step(input)
      return tf.add(positive, tf.mul(tf.mul(alpha, tf.sub(1, positive)), exp(negativePart(input))))
    },
  )(x)
}

const scaledElu = (x: tf.Tensor, alpha: number) =>
  tf.sub(tf.relu(x), tf.mul(alpha, tf.relu(tf.neg(tf.elu(x)))))

/** `x · sigmoid(x)`, also called swish; with a second derivative. Elfwing et al. 2017, arXiv:1702.03118. */
export function silu(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.mul(x, sigmoid(x)))
}

/**
 * `x · Φ(x)`, Φ the distribution function of the standard normal distribution; with a second derivative.
 *
 * Hendrycks and Gimpel 2016, arXiv:1606.08415.
 *
 * @param approximate whether to use `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`; false by default.
 */
export function gelu(x: tf.Tensor, approximate = false): tf.Tensor {
  return tf.tidy(() => {
    const inner = approximate
      ? tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))
      : tf.erf(tf.mul(x, Math.SQRT1_2))
    return tf.mul(tf.mul(0.5, x), tf.add(1, inner))
  })
}
