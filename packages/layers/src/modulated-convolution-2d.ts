import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import { describeShape, positiveInteger } from './check.js'
import { type LayerArgs, shapeList } from './layer-args.js'
import {
  type BiasArgs,
  biasOptions,
  type KernelArgs,
  kernelOptions,
  type WeightOptions,
} from './weight-options.js'

const EPSILON = 1e-8

/**
 * A convolution whose kernel is scaled by a style of each example, and brought back to unit length per output.
 *
 * `y = conv(x · style, kernel) / √(Σ (kernel · style)² + 1e-8)`: scaling inputs and outputs is the same as scaling the
 * kernel of each example, and needs no convolution per example.
 *
 * @param x `[batch, height, width, channels]`
 * @param style `[batch, channels]`
 * @param kernel `[kernelSize, kernelSize, channels, filters]`
 * @param demodulate whether to divide.
 */
export function modulatedConvolution(
  x: tf.Tensor,
  style: tf.Tensor,
  kernel: tf.Tensor,
  demodulate = true,
): tf.Tensor {
  return tf.tidy(() => {
    const [batch, channels] = style.shape as [number, number]
    const filters = kernel.shape[3]!
    const scaled = tf.mul(x, tf.reshape(style, [batch, 1, 1, channels]))
    const y = tf.conv2d(scaled as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same')
    if (!demodulate) return y
    const squares = tf.sum(tf.square(kernel), [0, 1]) // [channels, filters]
    const lengths = tf.sqrt(tf.add(applyKernel(tf.square(style), squares), EPSILON)) // [batch, filters]
    return tf.div(y, tf.reshape(lengths, [batch, 1, 1, filters]))
  })
}

/** Options of `ModulatedConvolution2D`. */
export interface ModulatedConvolution2DArgs extends LayerArgs, KernelArgs, BiasArgs {
  /** Channels of the output. */
  filters: number
  /** Side of the kernel; 3 by default. */
  kernelSize?: number
  /** Whether the outputs are divided by the length of the scaled kernel; true by default. False for the last layer. */
  demodulate?: boolean
  /** Whether a bias is added; true by default. */
  useBias?: boolean
}

interface Weights {
  kernel: tfl.LayerVariable
  bias: tfl.LayerVariable | undefined
  styleKernel: tfl.LayerVariable
  styleBias: tfl.LayerVariable
}

/**
 * StyleGAN2's convolution: a latent vector decides how much each channel counts.
 *
 * {@link modulatedConvolution} with `style = latent · style_kernel + style_bias`, the bias at first 1; padding `'same'`.
 * Put {@link NoiseInjection} and {@link LeakyReLU} behind it.
 *
 * Karras et al. 2019, "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958, equations 1 to 3. The
 * equalized learning rate is left out.
 *
 * Inputs: `[x, latent]`, x `[batch, height, width, channels]`, latent `[batch, features]`; output
 * `[batch, height, width, filters]`. Weights: `kernel` `[kernelSize, kernelSize, channels, filters]`, `bias` `[filters]`,
 * `style_kernel` `[features, channels]`, `style_bias` `[channels]`. Training and inference are the same. It has first and
 * second derivatives.
 *
 * @throws RangeError when a size is not a positive integer, or the inputs do not fit.
 *
 * @example
 * const y = new ModulatedConvolution2D({ filters: 32 }).apply([features, latent])
 */
export class ModulatedConvolution2D extends tfl.layers.Layer {
  static readonly className = 'DlkitModulatedConvolution2D'
  readonly #sizes: { filters: number; kernelSize: number }
  readonly #flags: { demodulate: boolean; useBias: boolean }
  readonly #kernels: WeightOptions
  readonly #biases: WeightOptions
  #weights: Weights | undefined

  constructor(args: ModulatedConvolution2DArgs) {
    super(args)
    const positive = (option: string, value: number) =>
      positiveInteger('ModulatedConvolution2D', option, value, 'Usual are 64 to 512 filters of size 3.')
    this.#sizes = {
      filters: positive('filters', args.filters),
      kernelSize: positive('kernelSize', args.kernelSize ?? 3),
    }
    const { demodulate = true, useBias = true } = args
    this.#flags = { demodulate, useBias }
    this.#kernels = kernelOptions(args)
    this.#biases = biasOptions(args)
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shapes = shapeList(inputShape)
    const [channels, features] = [shapes[0]?.[3], shapes[1]?.[1]]
    if (shapes.length !== 2 || shapes[0]!.length !== 4 || shapes[1]!.length !== 2 || !channels || !features) {
      throw new RangeError(
        'ModulatedConvolution2D: expected [x, latent] with x [batch, height, width, channels] and latent ' +
          `[batch, features], got ${shapes.map(describeShape).join(', ')} (layer ${this.name}). ` +
          'Use tf.layers.conv2d without a latent.',
      )
    }
    const { filters, kernelSize } = this.#sizes
    const [kernels, biases] = [this.#kernels, this.#biases]
    const kernel = (name: string, shape: number[], position: number) =>
      this.addWeight(name, shape, 'float32', kernels.initializer(position), kernels.regularizer)
    this.#weights = {
      kernel: kernel('kernel', [kernelSize, kernelSize, channels, filters], 0),
      bias: this.#flags.useBias
        ? this.addWeight('bias', [filters], 'float32', biases.initializer(0), biases.regularizer)
        : undefined,
      styleKernel: kernel('style_kernel', [features, channels], 1),
      styleBias: this.addWeight('style_bias', [channels], 'float32', tfl.initializers.ones()),
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, latent] = inputs as [tf.Tensor, tf.Tensor]
    const { kernel, bias, styleKernel, styleBias } = this.#weights!
    return tf.tidy(() => {
      const style = tf.add(applyKernel(latent, styleKernel.read()), styleBias.read())
      const y = modulatedConvolution(x, style, kernel.read(), this.#flags.demodulate)
      return bias ? tf.add(y, bias.read()) : y
    })
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return [...shapeList(inputShape)[0]!.slice(0, 3), this.#sizes.filters]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#sizes,
      ...this.#flags,
      ...this.#kernels.getConfig(),
      ...this.#biases.getConfig(),
    }
  }
}
