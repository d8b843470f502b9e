import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import { describeShape, positiveInteger, positiveNumber, quotient } from './check.js'
import { groupNormalization } from './group-normalization.js'
import { type LayerArgs, shapeList, titleOf } from './layer-args.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

/**
 * `x · (1 + factor) + offset` with one factor and offset per example and channel.
 *
 * @param x `[batch, ..., channels]`
 * @param modulation `[batch, 2 · channels]`: factors - 1, then offsets.
 */
export function modulateFeatures(x: tf.Tensor, modulation: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!]
    const spread = [batch, ...x.shape.slice(1, -1).map(() => 1), channels]
    const [factor, offset] = [0, 1].map((half) =>
      tf.reshape(tf.slice(modulation, [0, half * channels], [batch, channels]), spread),
    ) as [tf.Tensor, tf.Tensor]
    return tf.add(tf.mul(x, tf.add(factor, 1)), offset)
  })
}

/** `kernelInitializer` is `'zeros'` by default: the condition changes nothing at first. */
export interface FiLMArgs extends LayerArgs, KernelArgs {}

/** What layers share whose factors and offsets come from a condition, through one dense layer. */
abstract class Modulation extends tfl.layers.Layer {
  readonly #kernels: WeightOptions
  #kernel: tfl.LayerVariable | undefined
  #bias: tfl.LayerVariable | undefined

  constructor(args: FiLMArgs) {
    super(args)
    this.#kernels = kernelOptions({ ...args, kernelInitializer: args.kernelInitializer ?? 'zeros' })
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shapes = shapeList(inputShape)
    const [x, condition] = shapes
    const [channels, features] = [x?.at(-1), condition?.[1]]
    if (shapes.length !== 2 || x!.length < 2 || !channels || condition!.length !== 2 || !features) {
      throw new RangeError(
        `${titleOf(this)}: expected [x, condition] with x [batch, ..., channels] and condition [batch, features], ` +
          `got ${shapes.map(describeShape).join(', ')} (layer ${this.name}). ` +
          'Make a vector of the condition, for example with an embedding or a dense layer.',
      )
    }
    this.addStatistics(channels)
    const kernels = this.#kernels
    const shape = [features, 2 * channels]
    this.#kernel = this.addWeight('kernel', shape, 'float32', kernels.initializer(0), kernels.regularizer)
    this.#bias = this.addWeight('bias', [2 * channels], 'float32', tfl.initializers.zeros())
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const [x, condition] = inputs as [tf.Tensor, tf.Tensor]
    return tf.tidy(() => {
      const modulation = tf.add(applyKernel(condition, this.#kernel!.read()), this.#bias!.read())
      return modulateFeatures(this.normalize(x, kwargs?.training ?? false), modulation)
    })
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return inputShape[0] as tfl.Shape
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#kernels.getConfig() }
  }

  /** Checks the channels, and adds weights for the normalization. */
  protected addStatistics(_channels: number): void {}

  protected normalize(x: tf.Tensor, _training: boolean): tf.Tensor {
    return x
  }
}

/**
 * Lets a condition – a class, a text, a timestep – turn each channel up or down and shift it.
 *
 * `y = x · (1 + γ) + β`, `[γ, β] = condition · kernel + bias`. Starts as the identity.
 *
 * Perez et al. 2017, "FiLM: Visual Reasoning with a General Conditioning Layer", arXiv:1709.07871, equation 2, with 1
 * added to the factor.
 *
 * Inputs: `[x, condition]`, x `[batch, ..., channels]` of any rank >= 2, condition `[batch, features]`; the output has the
 * shape of x. Weights: `kernel` `[features, 2 · channels]`, `bias` `[2 · channels]`. Training and inference are the same.
 * It has first and second derivatives.
 *
 * @throws RangeError when the inputs do not fit.
 *
 * @example
 * const y = new FiLM().apply([features, classEmbedding])
 */
export class FiLM extends Modulation {
  static readonly className = 'DlkitFiLM'

  constructor(args: FiLMArgs = {}) {
    super(args)
  }
}

/** Options of `AdaptiveGroupNormalization`. */
export interface AdaptiveGroupNormalizationArgs extends FiLMArgs {
  /** Number of groups, a divisor of the channels; 32 by default. */
  groups?: number
  /** Added to the variance; 1e-5 by default. */
  epsilon?: number
}

/**
 * {@link FiLM} of group-normalized features (AdaGN): how the networks of diffusion models see timestep and class.
 *
 * `y = groupNormalization(x) · (1 + γ) + β`, `[γ, β] = condition · kernel + bias`.
 *
 * Dhariwal and Nichol 2021, "Diffusion Models Beat GANs on Image Synthesis", arXiv:2105.05233, section 3.1.
 *
 * Inputs, weights and derivatives as {@link FiLM}, with x `[batch, ..., channels]`. Training and inference are the same.
 *
 * @throws RangeError when the inputs do not fit, groups does not divide the channels, or epsilon is not > 0.
 *
 * @example
 * const y = new AdaptiveGroupNormalization({ groups: 8 }).apply([features, timestep])
 */
export class AdaptiveGroupNormalization extends Modulation {
  static readonly className = 'DlkitAdaptiveGroupNormalization'
  readonly #options: { groups: number; epsilon: number }

  constructor(args: AdaptiveGroupNormalizationArgs = {}) {
    super(args)
    const title = 'AdaptiveGroupNormalization'
    this.#options = {
      groups: positiveInteger(title, 'groups', args.groups ?? 32, 'Usual is 32.'),
      epsilon: positiveNumber(title, 'epsilon', args.epsilon ?? 1e-5, 'Usual is 1e-5.'),
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }

  protected override addStatistics(channels: number): void {
    quotient('AdaptiveGroupNormalization', 'groups', channels, this.#options.groups)
  }

  protected override normalize(x: tf.Tensor): tf.Tensor {
    return groupNormalization(x, this.#options.groups, this.#options.epsilon)
  }
}

/** Options of `ConditionalBatchNormalization`. */
export interface ConditionalBatchNormalizationArgs extends FiLMArgs {
  /** Added to the variance; 1e-5 by default. */
  epsilon?: number
  /** Share of the old moving statistics that each training call keeps, in [0, 1); 0.9 by default. */
  momentum?: number
}

/**
 * {@link FiLM} of batch-normalized features: a GAN's generator that is told the class.
 *
 * `y = (x - mean) / √(variance + epsilon) · (1 + γ) + β`, `[γ, β] = condition · kernel + bias`; mean and variance over
 * the batch and all positions in training, their moving averages at inference.
 *
 * De Vries et al. 2017, "Modulating early visual processing by language", arXiv:1707.00683, equations 3 to 5.
 *
 * Inputs and weights as {@link FiLM}, and `moving_mean` and `moving_variance` `[channels]`, which are not trained. The
 * moving variance is that of the batch divided by n, as in Keras (PyTorch: n - 1). It has first and second derivatives.
 *
 * @throws RangeError when the inputs do not fit, epsilon is not > 0, or momentum not in [0, 1).
 *
 * @example
 * const y = new ConditionalBatchNormalization().apply([features, classEmbedding], { training: true })
 */
export class ConditionalBatchNormalization extends Modulation {
  static readonly className = 'DlkitConditionalBatchNormalization'
  readonly #options: { epsilon: number; momentum: number }
  #moving: { mean: tfl.LayerVariable; variance: tfl.LayerVariable } | undefined

  constructor(args: ConditionalBatchNormalizationArgs = {}) {
    super(args)
    const { epsilon = 1e-5, momentum = 0.9 } = args
    const title = 'ConditionalBatchNormalization'
    if (!(momentum >= 0 && momentum < 1)) {
      throw new RangeError(
        `${title}: expected momentum in [0, 1), got ${momentum} (layer ${this.name}). Usual are 0.9 and 0.99.`,
      )
    }
    this.#options = { epsilon: positiveNumber(title, 'epsilon', epsilon, 'Usual is 1e-5.'), momentum }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }

  protected override addStatistics(channels: number): void {
    const moving = (name: string, initializer: ReturnType<typeof tfl.initializers.zeros>) =>
      this.addWeight(`moving_${name}`, [channels], 'float32', initializer, undefined, false)
    this.#moving = {
      mean: moving('mean', tfl.initializers.zeros()),
      variance: moving('variance', tfl.initializers.ones()),
    }
  }

  protected override normalize(x: tf.Tensor, training: boolean): tf.Tensor {
    const { epsilon, momentum } = this.#options
    const moving = this.#moving!
    const statistics = { mean: moving.mean.read(), variance: moving.variance.read() }
    // Nothing can be learned from an empty batch.
    if (training && x.size > 0) {
      const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis)
      Object.assign(statistics, tf.moments(x, axes))
      for (const name of ['mean', 'variance'] as const) {
        const kept = tf.mul(momentum, moving[name].read())
        moving[name].write(tf.add(kept, tf.mul(1 - momentum, statistics[name])))
      }
    }
    return tf.div(tf.sub(x, statistics.mean), tf.sqrt(tf.add(statistics.variance, epsilon)))
  }
}
