import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import { type KernelArgs, KernelOptions } from './kernel-options.js'
import { scaledDotProductAttention } from './scaled-dot-product-attention.js'

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>
type Projection = { kernel: tfl.LayerVariable; bias: tfl.LayerVariable | undefined }

export interface MultiHeadAttentionArgs extends LayerArgs, KernelArgs {
  /** Number of heads. */
  numHeads: number
  /** Depth of queries and keys of each head. */
  keyDim: number
  /** Depth of the values of each head; keyDim by default. */
  valueDim?: number
  /** Whether the four projections add a bias that starts at 0; true by default. */
  useBias?: boolean
  /** When true, position i looks at positions 0 to i only; false by default. */
  causal?: boolean
}

/**
 * Multi-head attention that trains on every tfjs backend: the layer of the transformer.
 *
 * Use it for sequences, or for pixels of a small feature map as a sequence. Each head projects queries, keys and
 * values, applies {@link scaledDotProductAttention}, and a last projection mixes the heads back to the depth of the
 * query: `concat(head₁ … headₙ) W + b`, `headᵢ = attention(Q Wᵢ, K Wᵢ', V Wᵢ'')`.
 *
 * Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762, section 3.2.2.
 *
 * Inputs: a tensor (self-attention), or a list: `[query, value]`, `[query, value, key]` or
 * `[query, value, key, mask]`; the key is the value unless it is given, an order as in Keras.
 * Shapes: query `[batch, queries, features]`, value `[batch, keys, valueFeatures]`, key `[batch, keys, keyFeatures]`,
 * mask `[batch, queries, keys]` or broadcastable to it (1 or true: may look); output `[batch, queries, features]`.
 *
 * Weights: `query_kernel`, `key_kernel` `[…, numHeads · keyDim]`, `value_kernel` `[…, numHeads · valueDim]`,
 * `output_kernel` `[numHeads · valueDim, features]` and a bias for each. Keras's kernels `[…, numHeads, keyDim]` are
 * these, reshaped.
 *
 * Training and inference are the same: there is no dropout of the scores.
 *
 * @throws RangeError for sizes that are not positive integers, and for inputs that do not fit.
 *
 * @example
 * const y = new MultiHeadAttention({ numHeads: 2, keyDim: 8 }).apply(tf.zeros([1, 10, 16]))
 */
export class MultiHeadAttention extends tfl.layers.Layer {
  static readonly className = 'DlkitMultiHeadAttention'

  readonly #numHeads: number
  readonly #keyDim: number
  readonly #valueDim: number
  readonly #useBias: boolean
  readonly #causal: boolean
  readonly #kernels: KernelOptions
  #projections: Record<'query' | 'key' | 'value' | 'output', Projection> | undefined

  constructor(args: MultiHeadAttentionArgs) {
    super(args)
    this.#numHeads = positiveInteger('numHeads', args.numHeads)
    this.#keyDim = positiveInteger('keyDim', args.keyDim)
    this.#valueDim = positiveInteger('valueDim', args.valueDim ?? args.keyDim)
    this.#useBias = args.useBias ?? true
    this.#causal = args.causal ?? false
    this.#kernels = new KernelOptions(args)
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const [query, value, key] = this.#checkedShapes(inputShape)
    const projection = (name: string, inputs: number, outputs: number, position: number): Projection => ({
      kernel: this.addWeight(
        `${name}_kernel`,
        [inputs, outputs],
        'float32',
        this.#kernels.initializer(position),
        this.#kernels.regularizer,
      ),
      bias: this.#useBias
        ? this.addWeight(`${name}_bias`, [outputs], 'float32', tfl.initializers.zeros())
        : undefined,
    })
    const keySize = this.#numHeads * this.#keyDim
    const valueSize = this.#numHeads * this.#valueDim
    this.#projections = {
      query: projection('query', query[2]!, keySize, 0),
      key: projection('key', key[2]!, keySize, 1),
      value: projection('value', value[2]!, valueSize, 2),
      output: projection('output', valueSize, query[2]!, 3),
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [query, value = query, key = value, mask] = (Array.isArray(inputs) ? inputs : [inputs]) as [
      tf.Tensor,
      ...(tf.Tensor | undefined)[],
    ]
    const projections = this.#projections!
    return tf.tidy(() => {
      const context = scaledDotProductAttention({
        query: this.#splitHeads(project(query, projections.query)), // [batch, heads, queries, keyDim]
        key: this.#splitHeads(project(key, projections.key)), // [batch, heads, keys, keyDim]
        value: this.#splitHeads(project(value, projections.value)), // [batch, heads, keys, valueDim]
        ...(mask && { mask: tf.expandDims(mask, 1) }), // [batch, 1, queries, keys]
        causal: this.#causal,
      })
      const [batch, queries] = query.shape as [number, number]
      const joined = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [batch, queries, -1])
      return project(joined, projections.output)
    })
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    return this.#checkedShapes(inputShape)[0]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      numHeads: this.#numHeads,
      keyDim: this.#keyDim,
      valueDim: this.#valueDim,
      useBias: this.#useBias,
      causal: this.#causal,
      ...this.#kernels.getConfig(),
    }
  }

  /** `[batch, positions, heads · depth]` to `[batch, heads, positions, depth]`. */
  #splitHeads(x: tf.Tensor): tf.Tensor {
    const [batch, positions] = x.shape as [number, number]
    return tf.transpose(tf.reshape(x, [batch, positions, this.#numHeads, -1]), [0, 2, 1, 3])
  }

  #checkedShapes(inputShape: tfl.Shape | tfl.Shape[]): [query: tfl.Shape, value: tfl.Shape, key: tfl.Shape] {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as tfl.Shape[]
    const [query, value = query, key = value, mask] = shapes as [tfl.Shape, ...(tfl.Shape | undefined)[]]
    const known = [query, value, key].every((shape) => shape.length === 3 && shape[2])
    if (!known || shapes.length > 4 || (mask && mask.length !== 3)) {
      throw new RangeError(
        'MultiHeadAttention: expected [query, value, key, mask], each [batch, positions, features] with known ' +
          `features and the mask [batch, queries, keys], got ${shapes.map(describe).join(', ')} ` +
          `(layer ${this.name}). Leave key and mask out, or all but the query, when they are not needed.`,
      )
    }
    return [query, value, key]
  }
}

function project(x: tf.Tensor, { kernel, bias }: Projection): tf.Tensor {
  const y = applyKernel(x, kernel.read())
  return bias ? tf.add(y, bias.read()) : y
}

function positiveInteger(option: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `MultiHeadAttention: expected ${option} to be an integer >= 1, got ${value}. ` +
        'Usual are numHeads 4 or 8 and keyDim = features / numHeads.',
    )
  }
  return value
}

function describe(shape: tfl.Shape): string {
  return `[${shape.map((size) => size ?? 'null').join(', ')}]`
}
