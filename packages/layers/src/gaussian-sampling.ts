import { RandomLayer } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '@tensorflow/tfjs-layers'
import { exp } from './activations.js'
import { describeShape } from './check.js'
import { shapeList } from './layer-args.js'

/** `mean + exp(logVariance / 2) · noise`: a sample whose gradient reaches mean and variance. */
export function reparameterize(mean: tf.Tensor, logVariance: tf.Tensor, noise: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.add(mean, tf.mul(exp(tf.mul(0.5, logVariance)), noise)))
}

/**
 * Samples from a normal distribution in training, so that the gradient reaches its mean and variance: the latent layer
 * of a variational autoencoder.
 *
 * `z = μ + exp(½ log σ²) · ε`, `ε ~ N(0, 1)`, other noise in every training call; at inference `z = μ`. Seed and calls
 * are those of {@link RandomLayer}: the same seed gives the same run. Add `KlRegularization` of `@dlkit/regularizers`
 * before it.
 *
 * Kingma and Welling 2013, "Auto-Encoding Variational Bayes", arXiv:1312.6114, section 2.4.
 *
 * Inputs: `[mean, logVariance]` of the same shape `[batch, ...]`; the output has that shape. It has first and second
 * derivatives.
 *
 * @throws RangeError when there are not two inputs of the same shape.
 *
 * @example
 * const z = new GaussianSampling({ seed: 1 }).apply([mean, logVariance], { training: true })
 */
export class GaussianSampling extends RandomLayer {
  static readonly className = 'DlkitGaussianSampling'

  override build(inputShape: Shape | Shape[]): void {
    const shapes = shapeList(inputShape)
    if (shapes.length !== 2 || describeShape(shapes[0]!) !== describeShape(shapes[1]!)) {
      throw new RangeError(
        'GaussianSampling: expected two inputs [mean, logVariance] of the same shape, ' +
          `got ${shapes.map(describeShape).join(', ')} (layer ${this.name}). ` +
          'Take both from layers with the same number of units.',
      )
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const [mean, logVariance] = inputs as [tf.Tensor, tf.Tensor]
    if (!kwargs?.training) return mean
    const { shape, size } = mean
    return tf.tidy(() =>
      reparameterize(
        mean,
        logVariance,
        this.drawn(shape, () => this.drawNormal(size)),
      ),
    )
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return inputShape[0] as Shape
  }
}
