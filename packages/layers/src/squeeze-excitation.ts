import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { sigmoid } from './activations.js'
import { applyKernel } from './apply-kernel.js'
import { imageChannels, positiveInteger, quotient } from './check.js'
import { type LayerArgs, single } from './layer-args.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

/** Weights of the small network that scores channels. */
export interface ChannelGate<T = tf.Tensor> {
  /** `[channels, channels / ratio]` */
  reduceKernel: T
  /** `[channels / ratio]` */
  reduceBias: T
  /** `[channels / ratio, channels]` */
  expandKernel: T
  /** `[channels]` */
  expandBias: T
}

/** `relu(x · reduceKernel + reduceBias) · expandKernel + expandBias`, the caller is within tf.tidy. */
export function channelScores(pooled: tf.Tensor, gate: ChannelGate): tf.Tensor {
  const hidden = tf.relu(tf.add(applyKernel(pooled, gate.reduceKernel), gate.reduceBias))
  return tf.add(applyKernel(hidden, gate.expandKernel), gate.expandBias)
}

/** Adds the weights of a {@link ChannelGate}, and gives a function that reads them. */
export function addChannelGate(
  addWeight: tfl.layers.Layer['addWeight'],
  channels: number,
  hidden: number,
  options: WeightOptions,
): () => ChannelGate {
  const kernel = (name: string, shape: number[], position: number) =>
    addWeight(name, shape, 'float32', options.initializer(position), options.regularizer)
  const bias = (name: string, size: number) => addWeight(name, [size], 'float32', tfl.initializers.zeros())
  const weights = {
    reduceKernel: kernel('reduce_kernel', [channels, hidden], 0),
    reduceBias: bias('reduce_bias', hidden),
    expandKernel: kernel('expand_kernel', [hidden, channels], 1),
    expandBias: bias('expand_bias', channels),
  }
  return () => ({
    reduceKernel: weights.reduceKernel.read(),
    reduceBias: weights.reduceBias.read(),
    expandKernel: weights.expandKernel.read(),
    expandBias: weights.expandBias.read(),
  })
}

/** `x · sigmoid(channelScores(mean of x over height and width))`, for `[batch, height, width, channels]`. */
export function squeezeExcitation(x: tf.Tensor, gate: ChannelGate): tf.Tensor {
  return tf.tidy(() => {
    const [batch, , , channels] = x.shape as [number, number, number, number]
    const scores = channelScores(tf.mean(x, [1, 2]), gate) // [batch, channels]
    return tf.mul(x, tf.reshape(sigmoid(scores), [batch, 1, 1, channels]))
  })
}

/** Options of `SqueezeExcitation`. */
export interface SqueezeExcitationArgs extends LayerArgs, KernelArgs {
  /** The hidden layer has `channels / ratio` units; 16 by default. */
  ratio?: number
}

/**
 * Turns channels up or down by what the whole picture shows: a cheap attention to channels.
 *
 * `y = x · σ(W₂ relu(W₁ mean(x) + b₁) + b₂)`, the mean over height and width. Use it at the end of a residual branch.
 *
 * Hu et al. 2017, "Squeeze-and-Excitation Networks", arXiv:1709.01507, equations 2 to 4.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Weights: `reduce_kernel`
 * `[channels, channels / ratio]`, `reduce_bias`, `expand_kernel` `[channels / ratio, channels]`, `expand_bias`. Training
 * and inference are the same. It has first and second derivatives on every backend.
 *
 * @throws RangeError when ratio is not a positive integer that divides the channels.
 *
 * @example
 * const y = new SqueezeExcitation({ ratio: 4 }).apply(tf.zeros([2, 16, 16, 32]))
 */
export class SqueezeExcitation extends tfl.layers.Layer {
  static readonly className = 'DlkitSqueezeExcitation'
  readonly #ratio: number
  readonly #kernels: WeightOptions
  #gate: (() => ChannelGate) | undefined

  constructor(args: SqueezeExcitationArgs = {}) {
    super(args)
    this.#ratio = positiveInteger('SqueezeExcitation', 'ratio', args.ratio ?? 16, 'Usual are 4 to 16.')
    this.#kernels = kernelOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = imageChannels(this, 'SqueezeExcitation', inputShape, 'Use feature maps of pictures.')
    const hidden = quotient('SqueezeExcitation', 'ratio', channels, this.#ratio)
    this.#gate = addChannelGate(this.addWeight.bind(this), channels, hidden, this.#kernels)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return squeezeExcitation(single(inputs), this.#gate!())
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ratio: this.#ratio, ...this.#kernels.getConfig() }
  }
}
