import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import { type KernelArgs, KernelOptions } from './kernel-options.js'
import { scaledDotProductAttention } from './scaled-dot-product-attention.js'

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>

export interface SelfAttention2DArgs extends LayerArgs, KernelArgs {
  /** Queries and keys have `channels / channelReduction` channels; 8 by default. */
  channelReduction?: number
  /** Values have `channels / valueReduction` channels; 2 by default. */
  valueReduction?: number
}

/**
 * Lets every pixel of a feature map look at every other one: SAGAN's self-attention.
 *
 * Use it once in a generator or discriminator, at 16 × 16 to 32 × 32, so that far-apart parts of a picture agree.
 * `o = v(softmax(g(x) f(x)ᵀ) h(x))`, `y = γ · o + x`, where f, g, h and v are 1 × 1 convolutions without bias and γ
 * is a learned number that starts at 0: at first the layer changes nothing.
 *
 * Zhang et al. 2018, "Self-Attention Generative Adversarial Networks", arXiv:1805.08318, equations 1 to 3. The
 * spectral normalization of its kernels is left out. The scores are not divided by the square root of the depth, as
 * in the paper.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Memory and time grow with
 * `(height · width)²`: 32 × 32 needs 4 MiB per picture for the scores, 64 × 64 needs 64 MiB.
 *
 * Weights: `key_kernel` (f) and `query_kernel` (g) `[channels, channels / channelReduction]`, `value_kernel` (h)
 * `[channels, channels / valueReduction]`, `output_kernel` (v) `[channels / valueReduction, channels]`, `gamma` `[]`.
 *
 * Training and inference are the same. It has first and second derivatives on every backend.
 *
 * @throws RangeError when a reduction is not a positive integer, or does not divide the number of channels.
 *
 * @example
 * const y = new SelfAttention2D().apply(tf.zeros([2, 16, 16, 32]))
 */
export class SelfAttention2D extends tfl.layers.Layer {
  static readonly className = 'DlkitSelfAttention2D'

  readonly #channelReduction: number
  readonly #valueReduction: number
  readonly #kernels: KernelOptions
  #weights: Record<'key' | 'query' | 'value' | 'output' | 'gamma', tfl.LayerVariable> | undefined

  constructor(args: SelfAttention2DArgs = {}) {
    super(args)
    this.#channelReduction = positiveInteger('channelReduction', args.channelReduction ?? 8)
    this.#valueReduction = positiveInteger('valueReduction', args.valueReduction ?? 2)
    this.#kernels = new KernelOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = inputShape[3]
    if (inputShape.length !== 4 || !channels) {
      throw new RangeError(
        'SelfAttention2D: expected an input [batch, height, width, channels] with a known number of channels, ' +
          `got [${inputShape.map((size) => size ?? 'null').join(', ')}] (layer ${this.name}). ` +
          'Use MultiHeadAttention for sequences.',
      )
    }
    const depth = quotient('channelReduction', channels, this.#channelReduction)
    const valueDepth = quotient('valueReduction', channels, this.#valueReduction)
    const kernel = (name: string, shape: number[], position: number) =>
      this.addWeight(name, shape, 'float32', this.#kernels.initializer(position), this.#kernels.regularizer)
    this.#weights = {
      key: kernel('key_kernel', [channels, depth], 0),
      query: kernel('query_kernel', [channels, depth], 1),
      value: kernel('value_kernel', [channels, valueDepth], 2),
      output: kernel('output_kernel', [valueDepth, channels], 3),
      gamma: this.addWeight('gamma', [], 'float32', tfl.initializers.zeros()),
    }
    this.inputSpec = [new tfl.InputSpec({ ndim: 4, axes: { 3: channels } })]
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs
    const { key, query, value, output, gamma } = this.#weights!
    return tf.tidy(() => {
      const [batch, height, width, channels] = x.shape as [number, number, number, number]
      const pixels = tf.reshape(x, [batch, height * width, channels])
      const attended = scaledDotProductAttention({
        query: applyKernel(pixels, query.read()), // [batch, pixels, depth]
        key: applyKernel(pixels, key.read()), // [batch, pixels, depth]
        value: applyKernel(pixels, value.read()), // [batch, pixels, valueDepth]
        scale: 1,
      })
      const change = tf.reshape(applyKernel(attended, output.read()), x.shape)
      return tf.add(x, tf.mul(gamma.read(), change))
    })
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      channelReduction: this.#channelReduction,
      valueReduction: this.#valueReduction,
      ...this.#kernels.getConfig(),
    }
  }
}

function positiveInteger(option: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `SelfAttention2D: expected ${option} to be an integer >= 1, got ${value}. Use 1 for no reduction.`,
    )
  }
  return value
}

function quotient(option: string, channels: number, reduction: number): number {
  if (channels % reduction !== 0) {
    const divisors = Array.from({ length: channels }, (_, index) => index + 1).filter(
      (n) => channels % n === 0,
    )
    throw new RangeError(
      `SelfAttention2D: expected ${option} to divide the channels, got channels=${channels}, ` +
        `${option}=${reduction}. Choose ${option} from ${divisors.join(', ')}.`,
    )
  }
  return channels / reduction
}
