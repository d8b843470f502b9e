import * as tf from '@tensorflow/tfjs-core'
import type * as tfl from '@tensorflow/tfjs-layers'
import { checkRate } from './check-rate.js'
import { RecordedPenalty } from './recorded-penalty.js'

/**
 * Kullback-Leibler divergence of normal distributions with diagonal covariance from the standard normal one.
 *
 * `½ Σ (μ² + σ² - log σ² - 1)` nats, summed over an example and averaged over the batch: 0 where every `μ = 0, σ = 1`.
 * It is the part of a variational autoencoder's loss that keeps its latent space usable.
 *
 * Kingma and Welling 2013, "Auto-Encoding Variational Bayes", arXiv:1312.6114, appendix B.
 *
 * @param mean `[batch, …]`
 * @param logVariance `log σ²`, of the same shape.
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 * @throws RangeError for different shapes.
 */
export function klToStandardNormal(mean: tf.Tensor, logVariance: tf.Tensor): tf.Scalar {
  if (mean.shape.join() !== logVariance.shape.join()) {
    throw new RangeError(
      'klToStandardNormal: expected mean and logVariance of the same shape, ' +
        `got [${mean.shape.join(', ')}] and [${logVariance.shape.join(', ')}]. ` +
        'Take both from layers with the same number of units.',
    )
  }
  return tf.tidy(() => {
    const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))
    return tf.mul(0.5 / (mean.shape[0] ?? 1), tf.sum<tf.Scalar>(terms))
  })
}

/** Options of `KlRegularization`. */
export interface KlRegularizationArgs extends NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]> {
  /** Factor of the divergence, >= 0; 1 by default, more for a β-VAE. */
  rate?: number
}

/**
 * Passes `[mean, logVariance]` on and adds `rate ·` {@link klToStandardNormal} to the training loss.
 *
 * With `GaussianSampling` of `@dlkit/layers` behind it, `model.fit` trains a variational autoencoder.
 *
 * Shapes: two inputs of the same shape; the outputs are the inputs. At inference nothing is recorded.
 *
 * @throws RangeError for a rate that is not finite and >= 0.
 *
 * @example
 * const [mean, logVariance] = new KlRegularization().apply([dense1.apply(x), dense2.apply(x)])
 */
export class KlRegularization extends RecordedPenalty {
  static readonly className = 'DlkitKlRegularization'
  readonly #rate: number

  constructor(args: KlRegularizationArgs = {}) {
    super(args)
    this.#rate = checkRate('KlRegularization', args.rate ?? 1)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.#rate }
  }

  protected override penalty([mean, logVariance]: tf.Tensor[]): tf.Scalar {
    return tf.mul(this.#rate, klToStandardNormal(mean!, logVariance!))
  }
}
