import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { lastAxis, positiveInteger, positiveNumber, quotient } from './check.js'
import { type LayerArgs, single, titleOf } from './layer-args.js'

/**
 * Standardizes each group of channels of each example: `(x - mean) / √(variance + epsilon)`, over all positions and the
 * channels of the group.
 *
 * @param x `[batch, ..., channels]`
 * @param groups divides the channels.
 */
export function groupNormalization(x: tf.Tensor, groups: number, epsilon = 1e-5): tf.Tensor {
  return tf.tidy(() => {
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!]
    const positions = tf.util.sizeFromShape(x.shape.slice(1, -1))
    const grouped = tf.reshape(x, [batch, positions, groups, channels / groups])
    const { mean, variance } = tf.moments(grouped, [1, 3], true)
    return tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, epsilon))), x.shape)
  })
}

/** Options of `InstanceNormalization`. */
export interface InstanceNormalizationArgs extends LayerArgs {
  /** Added to the variance; 1e-5 by default. */
  epsilon?: number
  /** Whether each channel has a learned offset that starts at 0; true by default. */
  center?: boolean
  /** Whether each channel has a learned factor that starts at 1; true by default. */
  scale?: boolean
}

/** Options of `GroupNormalization`. */
export interface GroupNormalizationArgs extends InstanceNormalizationArgs {
  /** Number of groups, a divisor of the channels; 32 by default. */
  groups?: number
}

abstract class GroupedNormalization extends tfl.layers.Layer {
  readonly #options: { epsilon: number; center: boolean; scale: boolean }
  #gamma: tfl.LayerVariable | undefined
  #beta: tfl.LayerVariable | undefined

  constructor(args: InstanceNormalizationArgs) {
    super(args)
    this.supportsMasking = true
    const { epsilon = 1e-5, center = true, scale = true } = args
    const title = titleOf(this)
    this.#options = { epsilon: positiveNumber(title, 'epsilon', epsilon, 'Usual is 1e-5.'), center, scale }
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    return tf.tidy(() => {
      let y = groupNormalization(x, this.groupsOf(x.shape.at(-1)!), this.#options.epsilon)
      if (this.#gamma) y = tf.mul(y, this.#gamma.read())
      return this.#beta ? tf.add(y, this.#beta.read()) : y
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }

  protected addAffine(channels: number): void {
    const { center, scale } = this.#options
    if (scale) this.#gamma = this.addWeight('gamma', [channels], 'float32', tfl.initializers.ones())
    if (center) this.#beta = this.addWeight('beta', [channels], 'float32', tfl.initializers.zeros())
  }

  protected abstract groupsOf(channels: number): number
}

/**
 * Normalizes groups of channels within each example: batch normalization that does not depend on the batch.
 *
 * Use it with small batches, and wherever training and inference must be the same.
 * `y = gamma · (x - mean) / √(variance + epsilon) + beta`, mean and variance over the positions and the channels of a
 * group.
 *
 * Wu and He 2018, "Group Normalization", arXiv:1803.08494. `epsilon` is PyTorch's 1e-5; Keras has 1e-3.
 *
 * Shapes: `[batch, ..., channels]`; the output has the input's shape. Weights: `gamma` and `beta` `[channels]`.
 * It has first and second derivatives.
 *
 * @throws RangeError when groups is not a positive integer that divides the channels, or epsilon not > 0.
 *
 * @example
 * const y = new GroupNormalization({ groups: 8 }).apply(tf.zeros([2, 16, 16, 32]))
 */
export class GroupNormalization extends GroupedNormalization {
  static readonly className = 'DlkitGroupNormalization'
  readonly #groups: number

  constructor(args: GroupNormalizationArgs = {}) {
    super(args)
    const hint = 'Use InstanceNormalization for one channel per group.'
    this.#groups = positiveInteger('GroupNormalization', 'groups', args.groups ?? 32, hint)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = lastAxis(this, 'GroupNormalization', inputShape)
    quotient('GroupNormalization', 'groups', channels, this.#groups)
    this.addAffine(channels)
    super.build(inputShape)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), groups: this.#groups }
  }

  protected override groupsOf(): number {
    return this.#groups
  }
}

/**
 * Normalizes each channel of each picture: removes its contrast, and with it much of its style.
 *
 * Use it in style transfer and in image-to-image generators. {@link GroupNormalization} with one channel per group.
 *
 * Ulyanov et al. 2016, "Instance Normalization: The Missing Ingredient for Fast Stylization", arXiv:1607.08022. Unlike
 * PyTorch's layer it learns factor and offset by default; `center: false, scale: false` leaves them out.
 *
 * Shapes: `[batch, ..., channels]` with at least one axis between; the output has the input's shape. Weights: `gamma`
 * and `beta` `[channels]`. Training and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when epsilon is not > 0, or there are no positions to normalize over.
 *
 * @example
 * const y = new InstanceNormalization().apply(tf.zeros([2, 16, 16, 32]))
 */
export class InstanceNormalization extends GroupedNormalization {
  static readonly className = 'DlkitInstanceNormalization'

  constructor(args: InstanceNormalizationArgs = {}) {
    super(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = lastAxis(this, 'InstanceNormalization', inputShape)
    if (inputShape.length < 3) {
      throw new RangeError(
        'InstanceNormalization: expected an input [batch, ..., channels] with at least one axis between, got ' +
          `[${inputShape.map((size) => size ?? 'null').join(', ')}] (layer ${this.name}): each channel would be 0. ` +
          'Use tf.layers.layerNormalization for features.',
      )
    }
    this.addAffine(channels)
    super.build(inputShape)
  }

  protected override groupsOf(channels: number): number {
    return channels
  }
}
