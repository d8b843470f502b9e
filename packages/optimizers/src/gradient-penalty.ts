import * as tf from '@tensorflow/tfjs-core'
import { checkNotNegative } from './check-options.js'
import { type Discriminator, scorerOf } from './discriminator.js'

/** Options that all gradient penalties share. */
export interface PenaltyArgs {
  /** Factor of the penalty, at least 0. Default: 10. */
  weight?: number
}

/** Options of `gradientPenalty`. */
export interface GradientPenaltyArgs extends PenaltyArgs {
  /** Norm that gradients should have, at least 0: 1, or 0 as in later work. Default: 1. */
  target?: number
  /** Where between `real` (0) and `fake` (1) each example is judged, `[batch]`. Default: random, in [0, 1). */
  shares?: tf.Tensor
}

/**
 * WGAN-GP: `weight · mean((‖∇D(x)‖ - target)²)`, where each x lies at random between a real and a generated example. For
 * the loss of a critic in `tf.variableGrads` or `minimize`; differentiable by the weights of the critic.
 *
 * Gulrajani et al. 2017 (arXiv:1704.00028). The critic should have no batch normalization: the gradient is that of each
 * example by itself.
 *
 * @param discriminator a model of `tf.layers`, or a function from `[batch, …]` to raw scores of any shape
 * @param real `[batch, …]` @param fake `[batch, …]`, of the same shape; both stay the caller's
 * @throws {RangeError} when the shapes differ; {TypeError} for a model with layers whose second derivative is wrong or missing
 * in TensorFlow.js
 *
 * @example
 * optimizer.minimize(() => tf.add(criticLoss(real, fake), gradientPenalty(critic, real, fake)), false, weights)
 */
export function gradientPenalty(
  discriminator: Discriminator,
  real: tf.Tensor,
  fake: tf.Tensor,
  { weight = 10, target = 1, shares }: GradientPenaltyArgs = {},
): tf.Scalar {
  checkNotNegative('gradientPenalty', { weight, target })
  if (real.shape.join() !== fake.shape.join()) {
    throw new RangeError(
      `gradientPenalty: expected real and fake of the same shape, got [${real.shape}] and [${fake.shape}]. ` +
        'Take as many of each.',
    )
  }
  const score = scorerOf('gradientPenalty', discriminator)
  return tf.tidy(() => {
    const [batch = 1, ...others] = real.shape
    const share = tf.reshape(shares ?? tf.randomUniform([batch]), [batch, ...others.map(() => 1)])
    const between = tf.add(real, tf.mul(share, tf.sub(fake, real)))
    // The root of 0 has no derivative.
    const norms = tf.sqrt(tf.add(squaredGradients(score, between), 1e-12))
    return tf.mul(weight, tf.mean<tf.Scalar>(tf.square(tf.sub(norms, target))))
  })
}

/**
 * R1: `weight / 2 · mean(‖∇D(real)‖²)`. Otherwise like {@link gradientPenalty}.
 *
 * Mescheder et al. 2018 (arXiv:1801.04406).
 */
export function r1(discriminator: Discriminator, real: tf.Tensor, args: PenaltyArgs = {}): tf.Scalar {
  return zeroCentered('r1', discriminator, real, args)
}

/** R2: `weight / 2 · mean(‖∇D(fake)‖²)`, of generated examples; see {@link r1}. */
export function r2(discriminator: Discriminator, fake: tf.Tensor, args: PenaltyArgs = {}): tf.Scalar {
  return zeroCentered('r2', discriminator, fake, args)
}

function zeroCentered(
  caller: string,
  discriminator: Discriminator,
  x: tf.Tensor,
  { weight = 10 }: PenaltyArgs,
): tf.Scalar {
  checkNotNegative(caller, { weight })
  const score = scorerOf(caller, discriminator)
  return tf.tidy(() => tf.mul(weight / 2, tf.mean<tf.Scalar>(squaredGradients(score, x))))
}

/** `Σ(∂D/∂x)²` of each example: `[batch]`. */
function squaredGradients(score: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const gradient = tf.grad((input) => tf.sum(score(input)))(x)
  return tf.sum(tf.square(tf.reshape(gradient, [x.shape[0] ?? 1, -1])), 1)
}
