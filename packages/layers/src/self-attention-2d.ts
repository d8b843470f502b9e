import type * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { Attention2D, type Attention2DArgs } from './attention-2d.js'
import { imageChannels } from './check.js'
import { single } from './layer-args.js'

/** Options of `SelfAttention2D`. */
export type SelfAttention2DArgs = Attention2DArgs

/**
 * Lets every pixel of a feature map look at every other one: SAGAN's self-attention.
 *
 * Use it once in a generator or discriminator, at 16 × 16 to 32 × 32, so that far-apart parts of a picture agree.
 * `o = v(softmax(g(x) f(x)ᵀ) h(x))`, `y = γ · o + x`, where f, g, h and v are 1 × 1 convolutions without bias and γ
 * is a learned number that starts at 0: at first the layer changes nothing.
 *
 * Zhang et al. 2018, "Self-Attention Generative Adversarial Networks", arXiv:1805.08318, equations 1 to 3. The
 * spectral normalization of its kernels is left out: wrap the layer in {@link SpectralNormalization} for it. The scores
 * are not divided by the square root of the depth, as in the paper.
 *
 * Shapes: `[batch, height, width, channels]`; the output has the input's shape. Time grows with `(height · width)²`.
 * So does memory, 4 MiB of scores per picture at 32 × 32, until `maxScores` bounds it.
 *
 * Weights: `key_kernel` (f) and `query_kernel` (g) `[channels, channels / channelReduction]`, `value_kernel` (h)
 * `[channels, channels / valueReduction]`, `output_kernel` (v) `[channels / valueReduction, channels]`, `gamma` `[]`.
 *
 * Training and inference are the same. It has first and second derivatives on every backend.
 *
 * @throws RangeError when an option is not a positive integer, or a reduction does not divide the channels.
 *
 * @example
 * const y = new SelfAttention2D().apply(tf.zeros([2, 16, 16, 32]))
 */
export class SelfAttention2D extends Attention2D {
  static readonly className = 'DlkitSelfAttention2D'

  constructor(args: SelfAttention2DArgs = {}) {
    super(args)
  }

  override build(inputShape: tfl.Shape): void {
    const channels = imageChannels(
      this,
      'SelfAttention2D',
      inputShape,
      'Use MultiHeadAttention for sequences.',
    )
    this.addAttentionWeights(channels, channels)
    this.inputSpec = [new tfl.InputSpec({ ndim: 4, axes: { 3: channels } })]
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    return this.attend(x, x, 1)
  }
}
