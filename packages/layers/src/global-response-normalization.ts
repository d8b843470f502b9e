import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { imageChannels, positiveNumber } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/**
 * `gamma · x · n + beta + x`, n the length of each channel of a picture divided by the mean length of its channels.
 *
 * @param x `[batch, height, width, channels]`
 * @param gamma `[channels]`
 * @param beta `[channels]`
 */
export function globalResponseNormalization(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon = 1e-6,
): tf.Tensor {
  return tf.tidy(() => {
    // The small number keeps the gradient of the root finite for a channel of zeros.
    const lengths = tf.sqrt(tf.add(tf.sum(tf.square(x), [1, 2], true), 1e-12)) // [batch, 1, 1, channels]
    const relative = tf.div(lengths, tf.add(tf.mean(lengths, 3, true), epsilon))
    return tf.add(tf.add(tf.mul(gamma, tf.mul(x, relative)), beta), x)
  })
}

/** Options of `GlobalResponseNormalization`. */
export interface GlobalResponseNormalizationArgs extends LayerArgs {
  /** Added to the mean length; 1e-6 by default. */
  epsilon?: number
}

/**
 * Lets the channels of a picture compete: those that respond strongly are raised, so that they do not all learn the same.
 *
 * {@link globalResponseNormalization}; gamma and beta start at 0, so that it changes nothing at first.
 *
 * Woo et al. 2023, "ConvNeXt V2", arXiv:2301.00808, section 3 and algorithm 1.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Weights: `gamma` and `beta` `[channels]`.
 * Training and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when epsilon is not > 0, or the input is no feature map.
 *
 * @example
 * const y = new GlobalResponseNormalization().apply(tf.zeros([2, 8, 8, 16]))
 */
export class GlobalResponseNormalization extends tfl.layers.Layer {
  static readonly className = 'DlkitGlobalResponseNormalization'
  readonly #epsilon: number
  #weights: { gamma: tfl.LayerVariable; beta: tfl.LayerVariable } | undefined

  constructor(args: GlobalResponseNormalizationArgs = {}) {
    super(args)
    const { epsilon = 1e-6 } = args
    this.#epsilon = positiveNumber('GlobalResponseNormalization', 'epsilon', epsilon, 'Usual is 1e-6.')
  }

  override build(inputShape: tfl.Shape): void {
    const title = 'GlobalResponseNormalization'
    const channels = imageChannels(this, title, inputShape, 'Use feature maps of pictures.')
    const weight = (name: string) => this.addWeight(name, [channels], 'float32', tfl.initializers.zeros())
    this.#weights = { gamma: weight('gamma'), beta: weight('beta') }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { gamma, beta } = this.#weights!
    return tf.tidy(() =>
      globalResponseNormalization(single(inputs), gamma.read(), beta.read(), this.#epsilon),
    )
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.#epsilon }
  }
}
