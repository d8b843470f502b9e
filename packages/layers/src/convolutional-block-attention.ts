import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { sigmoid } from './activations.js'
import { imageChannels, positiveInteger, quotient } from './check.js'
import { type LayerArgs, single } from './layer-args.js'
import { addChannelGate, type ChannelGate, channelScores } from './squeeze-excitation.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

/**
 * Attention to channels, then to places: `x' = x · σ(mlp(mean x) + mlp(max x))`,
 * `y = x' · σ(conv([mean x', max x']))`, first over height and width, then over channels.
 *
 * @param x `[batch, height, width, channels]`
 * @param spatialKernel `[kernelSize, kernelSize, 2, 1]`
 */
export function convolutionalBlockAttention(
  x: tf.Tensor,
  gate: ChannelGate,
  spatialKernel: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const [batch, , , channels] = x.shape as [number, number, number, number]
    const scores = tf.add(channelScores(tf.mean(x, [1, 2]), gate), channelScores(tf.max(x, [1, 2]), gate))
    const gated = tf.mul(x, tf.reshape(sigmoid(scores), [batch, 1, 1, channels]))
    const pooled = tf.concat([tf.mean(gated, 3, true), tf.max(gated, 3, true)], 3) as tf.Tensor4D
    const places = tf.conv2d(pooled, spatialKernel as tf.Tensor4D, 1, 'same') // [batch, height, width, 1]
    return tf.mul(gated, sigmoid(places))
  })
}

/** Options of `ConvolutionalBlockAttention`. */
export interface ConvolutionalBlockAttentionArgs extends LayerArgs, KernelArgs {
  /** The hidden layer has `channels / ratio` units; 16 by default. */
  ratio?: number
  /** Side of the convolution that looks for places; 7 by default. */
  kernelSize?: number
}

/**
 * CBAM: turns channels up or down, then places, by what means and maxima show.
 *
 * Use it at the end of a residual branch; {@link SqueezeExcitation} is its first half without the maxima. The formula is
 * that of {@link convolutionalBlockAttention}.
 *
 * Woo et al. 2018, "CBAM: Convolutional Block Attention Module", arXiv:1807.06521, equations 2 and 3. As in the paper,
 * the convolution has no bias and no batch normalization.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Weights: `reduce_kernel`
 * `[channels, channels / ratio]`, `reduce_bias`, `expand_kernel`, `expand_bias`, `spatial_kernel`
 * `[kernelSize, kernelSize, 2, 1]`. Training and inference are the same. First derivatives only: the maximum has no
 * second one in tfjs. On plain tfjs wasm it does not train, as no convolution does.
 *
 * @throws RangeError when an option is not a positive integer, or ratio does not divide the channels.
 *
 * @example
 * const y = new ConvolutionalBlockAttention({ ratio: 4 }).apply(tf.zeros([2, 16, 16, 32]))
 */
export class ConvolutionalBlockAttention extends tfl.layers.Layer {
  static readonly className = 'DlkitConvolutionalBlockAttention'
  readonly #ratio: number
  readonly #kernelSize: number
  readonly #kernels: WeightOptions
  #gate: (() => ChannelGate) | undefined
  #spatialKernel: tfl.LayerVariable | undefined

  constructor(args: ConvolutionalBlockAttentionArgs = {}) {
    super(args)
    const positive = (option: string, value: number) =>
      positiveInteger('ConvolutionalBlockAttention', option, value, 'Usual are ratio 16 and kernelSize 7.')
    this.#ratio = positive('ratio', args.ratio ?? 16)
    this.#kernelSize = positive('kernelSize', args.kernelSize ?? 7)
    this.#kernels = kernelOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const title = 'ConvolutionalBlockAttention'
    const channels = imageChannels(this, title, inputShape, 'Use feature maps of pictures.')
    const hidden = quotient(title, 'ratio', channels, this.#ratio)
    this.#gate = addChannelGate(this.addWeight.bind(this), channels, hidden, this.#kernels)
    const shape = [this.#kernelSize, this.#kernelSize, 2, 1]
    const kernels = this.#kernels
    this.#spatialKernel = this.addWeight(
      'spatial_kernel',
      shape,
      'float32',
      kernels.initializer(2),
      kernels.regularizer,
    )
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return convolutionalBlockAttention(single(inputs), this.#gate!(), this.#spatialKernel!.read())
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ratio: this.#ratio,
      kernelSize: this.#kernelSize,
      ...this.#kernels.getConfig(),
    }
  }
}
