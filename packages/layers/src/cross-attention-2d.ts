import type * as tf from '@tensorflow/tfjs-core'
import type { Shape } from '@tensorflow/tfjs-layers'
import { Attention2D, type Attention2DArgs } from './attention-2d.js'
import { describeShape, imageChannels } from './check.js'
import { shapeList } from './layer-args.js'

/** Options of `CrossAttention2D`. */
export type CrossAttention2DArgs = Attention2DArgs

/**
 * Lets every pixel of a feature map look at all pixels of another one: colour a drawing by a reference picture.
 *
 * `y = x + γ · v(softmax(g(x) f(r)ᵀ / √depth) h(r))`: queries from the features x of the drawing, keys and values from
 * the features r of the reference, of any size and number of channels. γ starts at 0, so the reference is faded in.
 *
 * The form is that of {@link SelfAttention2D}, with the scaled scores of Vaswani et al. 2017, arXiv:1706.03762; for
 * colouring see Lee et al. 2020, "Reference-Based Sketch Image Colorization using Augmented-Self Reference and Dense
 * Semantic Correspondence", arXiv:2005.05207, section 3.3.
 *
 * Inputs: `[x, reference]`, `[batch, height, width, channels]` and `[batch, height', width', channels']`; the output has
 * the shape of x. Weights, memory and `maxScores` are as in {@link SelfAttention2D}; `key_kernel` and `value_kernel`
 * have the reference's channels as inputs, and the reductions divide the channels of x.
 *
 * Training and inference are the same. It has first and second derivatives on every backend.
 *
 * @throws RangeError when an option is not a positive integer, a reduction does not divide the channels, or there are
 * not two feature maps.
 *
 * @example
 * const y = new CrossAttention2D().apply([lineFeatures, referenceFeatures])
 */
export class CrossAttention2D extends Attention2D {
  static readonly className = 'DlkitCrossAttention2D'

  constructor(args: CrossAttention2DArgs = {}) {
    super(args)
  }

  override build(inputShape: Shape | Shape[]): void {
    const shapes = shapeList(inputShape)
    const [x, reference] = shapes
    if (!x || !reference || shapes.length !== 2) {
      throw new RangeError(
        `CrossAttention2D: expected two inputs [x, reference], got ${shapes.map(describeShape).join(', ')} ` +
          `(layer ${this.name}). Use SelfAttention2D for one.`,
      )
    }
    const channels = (shape: Shape) =>
      imageChannels(this, 'CrossAttention2D', shape, 'Use MultiHeadAttention for sequences.')
    this.addAttentionWeights(channels(x), channels(reference))
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, reference] = inputs as [tf.Tensor, tf.Tensor]
    return this.attend(x, reference)
  }
}
