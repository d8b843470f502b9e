import { RandomLayer, type RandomLayerArgs } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { tanh } from './activations.js'
import { applyKernel } from './apply-kernel.js'
import { allOf, causalMask, maskedSoftmax } from './attention-mask.js'
import { describeShape } from './check.js'
import { shapeList } from './layer-args.js'

/** Options of `additiveAttentionWeights`. */
export interface AdditiveAttentionWeightsArgs {
  /** `[batch, queries, features]` */
  query: tf.Tensor
  /** `[batch, keys, features]` */
  key: tf.Tensor
  /** `[features]`, the factor of each feature; ones by default. */
  scale?: tf.Tensor
  /** Broadcastable to `[batch, queries, keys]`: 1 or true where a query may look at a key, 0 or false elsewhere. */
  mask?: tf.Tensor | undefined
}

/** The weights of {@link AdditiveAttention}, `softmax(Σ scale · tanh(query + key))`: `[batch, queries, keys]`. */
export function additiveAttentionWeights(args: AdditiveAttentionWeightsArgs): tf.Tensor {
  const { query, key, mask } = args
  return tf.tidy(() => {
    const features = query.shape[2]!
    const sums = tanh(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1))) // [batch, queries, keys, features]
    const scale = tf.reshape(args.scale ?? tf.ones([features]), [features, 1])
    return maskedSoftmax(tf.squeeze(applyKernel(sums, scale), [3]), allOf([mask]))
  })
}

/** Options of `AdditiveAttention`. */
export interface AdditiveAttentionArgs extends RandomLayerArgs {
  /** Whether each feature has a learned factor; true by default. */
  useScale?: boolean
  /** Share of the attention weights that is set to 0 in training, in [0, 1); 0 by default. */
  dropout?: number
  /** When true, position i looks at positions 0 to i only; false by default. */
  useCausalMask?: boolean
}

/**
 * Bahdanau's attention: a small network scores how well a query fits a key.
 *
 * `softmax(Σ scale · tanh(query + key)) value`. Use it where query and key are of one kind, as in a recurrent
 * translator; {@link MultiHeadAttention} is faster.
 *
 * Bahdanau et al. 2014, "Neural Machine Translation by Jointly Learning to Align and Translate", arXiv:1409.0473,
 * appendix A.1.2, without the two projections: as in Keras, put dense layers before it.
 *
 * Inputs: `[query, value]`, `[query, value, key]` or `[query, value, key, mask]`; the key is the value unless it is
 * given. Shapes: query `[batch, queries, features]`, value `[batch, keys, valueFeatures]`, key
 * `[batch, keys, features]`, mask `[batch, queries, keys]`; output `[batch, queries, valueFeatures]`. Needs memory for
 * `batch · queries · keys · features` values.
 *
 * Weight: `scale` `[features]`. It has first and second derivatives on every backend. In training `dropout` sets weights
 * to 0 and scales the rest; seed and calls are those of {@link RandomLayer}.
 *
 * @throws RangeError for a dropout outside of [0, 1) and for inputs that do not fit.
 *
 * @example
 * const context = new AdditiveAttention().apply([query, value])
 */
export class AdditiveAttention extends RandomLayer {
  static readonly className = 'DlkitAdditiveAttention'
  readonly #useScale: boolean
  readonly #dropout: number
  readonly #useCausalMask: boolean
  #scale: tfl.LayerVariable | undefined

  constructor(args: AdditiveAttentionArgs = {}) {
    super(args)
    const { useScale = true, dropout = 0, useCausalMask = false } = args
    if (!(dropout >= 0 && dropout < 1)) {
      throw new RangeError(
        `AdditiveAttention: expected dropout in [0, 1), got ${dropout} (layer ${this.name}). Start with 0.1.`,
      )
    }
    this.#useScale = useScale
    this.#dropout = dropout
    this.#useCausalMask = useCausalMask
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const [query] = this.#checkedShapes(inputShape)
    if (this.#useScale) {
      const initializer = tfl.initializers.glorotUniform({ seed: this.seed })
      this.#scale = this.addWeight('scale', [query[2]!], 'float32', initializer)
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    const [query, value, key = value, mask] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor?, tf.Tensor?]
    return tf.tidy(() => {
      const causal = this.#useCausalMask ? causalMask(query.shape[1]!, key.shape[1]!) : undefined
      let weights = additiveAttentionWeights({
        query,
        key,
        mask: allOf([mask, causal]),
        ...(this.#scale && { scale: this.#scale.read() }),
      })
      if (kwargs?.training && this.#dropout > 0) {
        weights = tf.mul(
          weights,
          this.drawnMask(weights.shape, () => this.#dropout),
        )
      }
      return tf.matMul(weights, value)
    })
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [query, value] = this.#checkedShapes(inputShape)
    return [query[0]!, query[1]!, value[2]!]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      useScale: this.#useScale,
      dropout: this.#dropout,
      useCausalMask: this.#useCausalMask,
    }
  }

  #checkedShapes(inputShape: tfl.Shape | tfl.Shape[]): [query: tfl.Shape, value: tfl.Shape] {
    const shapes = shapeList(inputShape)
    const [query, value, key = value, mask] = shapes
    const fits =
      [query, value, key].every((shape) => shape?.length === 3 && shape[2]) &&
      query![2] === key![2] &&
      (!mask || mask.length === 3)
    if (!fits || shapes.length > 4) {
      throw new RangeError(
        'AdditiveAttention: expected [query, value, key, mask] with query [batch, queries, features], value ' +
          '[batch, keys, valueFeatures], key [batch, keys, features] and mask [batch, queries, keys], ' +
          `got ${shapes.map(describeShape).join(', ')} (layer ${this.name}). ` +
          'Leave key and mask out when they are not needed; put a dense layer before it to make features equal.',
      )
    }
    return [query!, value!]
  }
}
