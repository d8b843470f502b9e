import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { asFloat } from './as-float.js'
import { imageChannels, positiveInteger, quotient } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/** Options of `minibatchStandardDeviation`. */
export interface MinibatchStandardDeviationOptions {
  /** Pictures that are compared with each other; 4 by default. */
  groupSize?: number
  /** Channels that are added, a divisor of the channels; 1 by default. */
  features?: number
}

/**
 * Appends how much the pictures of a group differ: the standard deviation over the group, averaged over positions and
 * channels, as constant channels.
 *
 * The group has the largest size up to `groupSize` that divides the batch; pictures i, i + batch / size, … are a group.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, height, width, channels + features]`
 */
export function minibatchStandardDeviation(
  x: tf.Tensor,
  { groupSize = 4, features = 1 }: MinibatchStandardDeviationOptions = {},
): tf.Tensor {
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number]
    const floats = asFloat(x)
    let size = Math.max(1, Math.min(groupSize, batch))
    while (batch % size !== 0) size--
    const groups = batch / size
    const grouped = tf.reshape(floats, [size, groups * height * width, features, channels / features])
    const centered = tf.sub(grouped, tf.mean(grouped, 0, true))
    const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centered), 0), 1e-8)) // [groups · height · width, features, …]
    const byGroup = tf.mean(
      tf.reshape(deviation, [groups, height * width, features, channels / features]),
      [1, 3],
    ) // [groups, features]
    const spread = tf.mul(
      tf.reshape(byGroup, [1, groups, 1, features]),
      tf.ones([size, 1, height * width, 1]),
    )
    return tf.concat([floats, tf.reshape(spread, [batch, height, width, features])], 3)
  })
}

/** Options of `MinibatchStandardDeviation`. */
export interface MinibatchStandardDeviationArgs extends LayerArgs, MinibatchStandardDeviationOptions {}

/**
 * Lets a discriminator see that generated pictures are too much alike: a remedy for mode collapse.
 *
 * Use it once, before the discriminator's last layers. It appends {@link minibatchStandardDeviation}.
 *
 * Karras et al. 2017, "Progressive Growing of GANs", arXiv:1710.10196, section 3; grouping as in StyleGAN.
 *
 * Shapes: `[batch, height, width, channels]` to `[batch, height, width, channels + features]`. Training and inference are
 * the same, and both depend on the rest of the batch. It has first and second derivatives.
 *
 * @throws RangeError when an option is not a positive integer, or features does not divide the channels.
 *
 * @example
 * const y = new MinibatchStandardDeviation().apply(tf.zeros([8, 4, 4, 64])) // [8, 4, 4, 65]
 */
export class MinibatchStandardDeviation extends tfl.layers.Layer {
  static readonly className = 'DlkitMinibatchStandardDeviation'
  readonly #options: Required<MinibatchStandardDeviationOptions>

  constructor(args: MinibatchStandardDeviationArgs = {}) {
    super(args)
    const positive = (option: string, value: number, hint: string) =>
      positiveInteger('MinibatchStandardDeviation', option, value, hint)
    this.#options = {
      groupSize: positive('groupSize', args.groupSize ?? 4, 'Usual is 4.'),
      features: positive('features', args.features ?? 1, 'Usual is 1.'),
    }
  }

  override build(inputShape: tfl.Shape): void {
    const title = 'MinibatchStandardDeviation'
    const channels = imageChannels(this, title, inputShape, 'Use feature maps of pictures.')
    quotient(title, 'features', channels, this.#options.features)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return minibatchStandardDeviation(single(inputs), this.#options)
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return [...inputShape.slice(0, 3), inputShape[3]! + this.#options.features]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }
}
