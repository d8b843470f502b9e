import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describeShape, imageChannels, positiveNumber } from './check.js'
import { groupNormalization } from './group-normalization.js'
import { type LayerArgs, shapeList } from './layer-args.js'

/**
 * Gives the channels of `content` the mean and standard deviation of `style`: `σ(style) · (x - μ(x)) / σ(x) + μ(style)`.
 *
 * @param content `[batch, height, width, channels]`
 * @param style feature map `[batch, height', width', channels]`, or `[batch, 2 · channels]`: factor - 1, then offset.
 */
export function adaptiveInstanceNormalization(
  content: tf.Tensor,
  style: tf.Tensor,
  epsilon = 1e-5,
): tf.Tensor {
  return tf.tidy(() => {
    const [batch, , , channels] = content.shape as [number, number, number, number]
    const normalized = groupNormalization(content, channels, epsilon)
    if (style.rank === 2) {
      const [factor, offset] = [0, 1].map((half) =>
        tf.reshape(tf.slice(style, [0, half * channels], [batch, channels]), [batch, 1, 1, channels]),
      ) as [tf.Tensor, tf.Tensor]
      return tf.add(tf.mul(normalized, tf.add(factor, 1)), offset)
    }
    const { mean, variance } = tf.moments(style, [1, 2], true)
    return tf.add(tf.mul(normalized, tf.sqrt(tf.add(variance, epsilon))), mean)
  })
}

/** Options of `AdaptiveInstanceNormalization`. */
export interface AdaptiveInstanceNormalizationArgs extends LayerArgs {
  /** Added to the variances; 1e-5 by default. */
  epsilon?: number
}

/**
 * Gives a feature map the statistics of another one, or those of a style vector; has no weights.
 *
 * With a second feature map it is style transfer: Huang and Belongie 2017, "Arbitrary Style Transfer in Real-time with
 * Adaptive Instance Normalization", arXiv:1703.06868, equation 8. With a vector, from a dense layer with
 * `2 · channels` units, it is the style input of StyleGAN: Karras et al. 2018, arXiv:1812.04948, equation 1; the first
 * half of the vector is the factor minus 1, so that a dense layer that starts near 0 starts with factor 1.
 *
 * Inputs: `[content, style]`, content `[batch, height, width, channels]`, style `[batch, height', width', channels]` or
 * `[batch, 2 · channels]`; the output has the shape of the content. Training and inference are the same. It has first
 * and second derivatives. Variances are those of the whole map (divided by n).
 *
 * @throws RangeError when the inputs do not fit together, or epsilon is not > 0.
 *
 * @example
 * const y = new AdaptiveInstanceNormalization().apply([contentFeatures, styleFeatures])
 */
export class AdaptiveInstanceNormalization extends tfl.layers.Layer {
  static readonly className = 'DlkitAdaptiveInstanceNormalization'
  readonly #epsilon: number

  constructor(args: AdaptiveInstanceNormalizationArgs = {}) {
    super(args)
    const { epsilon = 1e-5 } = args
    this.#epsilon = positiveNumber('AdaptiveInstanceNormalization', 'epsilon', epsilon, 'Usual is 1e-5.')
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shapes = shapeList(inputShape)
    const [content, style] = shapes
    const title = 'AdaptiveInstanceNormalization'
    const channels = imageChannels(this, title, content!, 'Use feature maps of pictures.')
    const fits =
      style?.length === 4 ? style[3] === channels : style?.length === 2 && style[1] === 2 * channels
    if (shapes.length !== 2 || !fits) {
      throw new RangeError(
        `${title}: expected [content, style] with a style [batch, height, width, ${channels}] or ` +
          `[batch, ${2 * channels}], got ${shapes.map(describeShape).join(', ')} (layer ${this.name}). ` +
          'Make the style with a layer of as many channels, or a dense layer of twice as many units.',
      )
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [content, style] = inputs as [tf.Tensor, tf.Tensor]
    return adaptiveInstanceNormalization(content, style, this.#epsilon)
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return inputShape[0] as tfl.Shape
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.#epsilon }
  }
}
