import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { asFloat } from './as-float.js'
import { imageChannels, positiveInteger } from './check.js'
import { type LayerArgs, single } from './layer-args.js'
import {
  type BiasArgs,
  biasOptions,
  type KernelArgs,
  kernelOptions,
  type WeightOptions,
} from './weight-options.js'

/**
 * Repeats every pixel `size` times in both directions: `[batch, height · size, width · size, channels]`. Not by
 * resizeNearestNeighbor alone, whose gradient in tfjs mixes up the pictures of a batch on some backends and has none
 * itself.
 */
export function repeatPixels(x: tf.Tensor, size: number): tf.Tensor4D {
  if (size === 2) return doublePixels(x as tf.Tensor4D)
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number]
    const repeated = (part: tf.Tensor3D) => tf.concat(new Array<tf.Tensor3D>(size).fill(part), 1)
    const columns = repeated(tf.reshape(x, [batch * height * width, 1, channels]))
    const rows = repeated(tf.reshape(columns, [batch * height, 1, width * size * channels]))
    return tf.reshape(rows, [batch, height * size, width * size, channels])
  })
}

/** The gradient is the sum of each 2 × 2 pixels. */
const doublePixels = tf.customGrad((...inputs) => {
  const x = inputs[0] as tf.Tensor4D
  const [, height, width] = x.shape
  return {
    value: tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width]),
    gradFunc: (dy) => tf.mul(tf.avgPool(dy as tf.Tensor4D, 2, 2, 'valid'), 4),
  }
}) as (x: tf.Tensor4D) => tf.Tensor4D

/** Options of `UpsampleConvolution2D`. */
export interface UpsampleConvolution2DArgs extends LayerArgs, KernelArgs, BiasArgs {
  /** Channels of the output. */
  filters: number
  /** Side of the kernel; 3 by default. */
  kernelSize?: number
  /** By how much height and width grow; 2 by default. */
  size?: number
  /** Whether a bias is added; true by default. */
  useBias?: boolean
}

/**
 * Enlarges by repeating pixels and convolves the result: upsampling without the checkerboard of transposed convolutions.
 *
 * `y = conv2d(nearest(x, size), kernel) + bias`, with padding `'same'`.
 *
 * Odena et al. 2016, "Deconvolution and Checkerboard Artifacts", doi:10.23915/distill.00003.
 *
 * Shapes: `[batch, height, width, channels]` to `[batch, height · size, width · size, filters]`. Weights: `kernel`
 * `[kernelSize, kernelSize, channels, filters]`, `bias` `[filters]`. Training and inference are the same. It
 * has first and second derivatives. On plain tfjs wasm it does not train, as no convolution does.
 *
 * @throws RangeError when a size is not a positive integer, or the input is no feature map.
 *
 * @example
 * const y = new UpsampleConvolution2D({ filters: 16 }).apply(tf.zeros([2, 8, 8, 32])) // [2, 16, 16, 16]
 */
export class UpsampleConvolution2D extends tfl.layers.Layer {
  static readonly className = 'DlkitUpsampleConvolution2D'
  readonly #sizes: { filters: number; kernelSize: number; size: number }
  readonly #useBias: boolean
  readonly #kernels: WeightOptions
  readonly #biases: WeightOptions
  #kernel: tfl.LayerVariable | undefined
  #bias: tfl.LayerVariable | undefined

  constructor(args: UpsampleConvolution2DArgs) {
    super(args)
    const positive = (option: string, value: number) =>
      positiveInteger('UpsampleConvolution2D', option, value, 'Usual are kernelSize 3 and size 2.')
    this.#sizes = {
      filters: positive('filters', args.filters),
      kernelSize: positive('kernelSize', args.kernelSize ?? 3),
      size: positive('size', args.size ?? 2),
    }
    this.#useBias = args.useBias ?? true
    this.#kernels = kernelOptions(args)
    this.#biases = biasOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = imageChannels(this, 'UpsampleConvolution2D', inputShape, 'Use feature maps of pictures.')
    const { filters, kernelSize } = this.#sizes
    const shape = [kernelSize, kernelSize, channels, filters]
    const [kernels, biases] = [this.#kernels, this.#biases]
    this.#kernel = this.addWeight('kernel', shape, 'float32', kernels.initializer(0), kernels.regularizer)
    if (this.#useBias) {
      this.#bias = this.addWeight('bias', [filters], 'float32', biases.initializer(0), biases.regularizer)
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { size } = this.#sizes
    return tf.tidy(() => {
      const x = asFloat(single(inputs))
      const y = tf.conv2d(repeatPixels(x, size), this.#kernel!.read() as tf.Tensor4D, 1, 'same')
      return this.#bias ? tf.add(y, this.#bias.read()) : y
    })
  }

  override computeOutputShape([batch, height, width]: tfl.Shape): tfl.Shape {
    const { filters, size } = this.#sizes
    const grown = (side: number | null) => (side === null ? null : side * size)
    return [batch!, grown(height!), grown(width!), filters]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#sizes,
      useBias: this.#useBias,
      ...this.#kernels.getConfig(),
      ...this.#biases.getConfig(),
    }
  }
}
