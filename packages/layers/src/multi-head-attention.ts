import { RandomLayer, type RandomLayerArgs } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import type * as tfl from '@tensorflow/tfjs-layers'
import { applyKernel } from './apply-kernel.js'
import {
  allOf,
  causalMask,
  headMask,
  type PaddingMasks,
  paddingMask,
  type ScoreShape,
} from './attention-mask.js'
import { describeShape, positiveInteger } from './check.js'
import { shapeList } from './layer-args.js'
import { attentionWeights } from './scaled-dot-product-attention.js'
import {
  type BiasArgs,
  biasOptions,
  type KernelArgs,
  kernelOptions,
  type WeightOptions,
} from './weight-options.js'

type Projection = { kernel: tfl.LayerVariable; bias: tfl.LayerVariable | undefined }

/** Options of `MultiHeadAttention`. */
export interface MultiHeadAttentionArgs extends RandomLayerArgs, KernelArgs, BiasArgs {
  /** Number of heads of the queries. */
  numHeads: number
  /** Depth of queries and keys of each head. */
  keyDim: number
  /** Depth of the values of each head; keyDim by default. */
  valueDim?: number
  /** Number of heads of keys and values, a divisor of numHeads; numHeads by default. Fewer: grouped queries. */
  keyValueHeads?: number
  /** Features of the output; those of the query by default. */
  outputShape?: number
  /** Share of the attention weights that is set to 0 in training, in [0, 1); 0 by default. */
  dropout?: number
  /** Whether the four projections add a bias; true by default. */
  useBias?: boolean
  /** When true, position i looks at positions 0 to i only; false by default. */
  useCausalMask?: boolean
  /** When true, the output is `[output, weights]`; false by default. */
  returnAttentionScores?: boolean
}

/** What a call may override or add. */
export interface MultiHeadAttentionCallArgs {
  /** Whether dropout is on. */
  training?: boolean
  /**
   * `[batch, queries, keys]` or `[batch, heads, queries, keys]`, 1 for axes that are the same throughout; the fourth
   * input is the same as an input of a model.
   */
  attentionMask?: tf.Tensor
  /** Whether query i looks at keys 0 to i only. */
  useCausalMask?: boolean
  /** Padding: `[batch, positions]` of the query, or a list of those of query and value; 0 or false is padding. */
  mask?: PaddingMasks
}

/**
 * Multi-head attention that trains on every tfjs backend: the layer of the transformer.
 *
 * Use it for sequences, or for pixels of a small feature map as a sequence. Each head projects queries, keys and
 * values, applies {@link scaledDotProductAttention}, and a last projection mixes the heads back to the depth of the
 * query: `concat(head₁ … headₙ) W + b`, `headᵢ = attention(Q Wᵢ, K Wᵢ', V Wᵢ'')`.
 *
 * Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762, section 3.2.2. With fewer `keyValueHeads`,
 * neighbouring heads share keys and values: Ainslie et al. 2023 (grouped queries), arXiv:2305.13245.
 *
 * Inputs: a tensor (self-attention), or a list: `[query, value]`, `[query, value, key]` or
 * `[query, value, key, mask]`; the key is the value unless it is given. Order and names of arguments are Keras's.
 * Shapes: query `[batch, queries, features]`, value `[batch, keys, valueFeatures]`, key `[batch, keys, keyFeatures]`,
 * mask `[batch, queries, keys]` or `[batch, numHeads, queries, keys]`, where an axis may be 1 (1 or true: may look);
 * output `[batch, queries, outputShape]`, weights `[batch, numHeads, queries, keys]`. A query that may look at nothing gets the bias of the output only.
 *
 * Call arguments: {@link MultiHeadAttentionCallArgs}. A mask that tf.layers.masking passes on is that of the query, and of
 * the value, too, in self-attention; padded positions of another value belong into the fourth input.
 *
 * Weights: `query_kernel` `[…, numHeads · keyDim]`, `key_kernel` `[…, keyValueHeads · keyDim]`, `value_kernel`
 * `[…, keyValueHeads · valueDim]`, `output_kernel` `[numHeads · valueDim, outputShape]` and a bias for each. Keras's
 * kernels `[…, numHeads, keyDim]` are these, reshaped.
 *
 * In training `dropout` sets weights to 0 and scales the rest; seed and calls are those of {@link RandomLayer}.
 *
 * @throws RangeError for sizes that are not positive integers or do not divide, a dropout outside of [0, 1), and for
 * inputs or masks that do not fit; a mask of two axes is refused.
 *
 * @example
 * const y = new MultiHeadAttention({ numHeads: 2, keyDim: 8 }).apply(tf.zeros([1, 10, 16]))
 */
export class MultiHeadAttention extends RandomLayer {
  static readonly className = 'DlkitMultiHeadAttention'

  readonly #sizes: { numHeads: number; keyDim: number; valueDim: number; keyValueHeads: number }
  readonly #outputShape: number | undefined
  readonly #dropout: number
  readonly #flags: { useBias: boolean; useCausalMask: boolean; returnAttentionScores: boolean }
  readonly #kernels: WeightOptions
  readonly #biases: WeightOptions
  #projections: Record<'query' | 'key' | 'value' | 'output', Projection> | undefined

  constructor(args: MultiHeadAttentionArgs) {
    super(args)
    this.supportsMasking = true
    const numHeads = positive('numHeads', args.numHeads)
    const keyDim = positive('keyDim', args.keyDim)
    const valueDim = positive('valueDim', args.valueDim ?? keyDim)
    const keyValueHeads = positive('keyValueHeads', args.keyValueHeads ?? numHeads)
    if (numHeads % keyValueHeads !== 0) {
      throw new RangeError(
        `MultiHeadAttention: expected keyValueHeads to divide numHeads, got numHeads=${numHeads}, ` +
          `keyValueHeads=${keyValueHeads}. Leave it out for one head of keys and values per head of queries.`,
      )
    }
    this.#sizes = { numHeads, keyDim, valueDim, keyValueHeads }
    this.#outputShape = args.outputShape === undefined ? undefined : positive('outputShape', args.outputShape)
    this.#dropout = args.dropout ?? 0
    if (!(this.#dropout >= 0 && this.#dropout < 1)) {
      throw new RangeError(
        `MultiHeadAttention: expected dropout in [0, 1), got ${args.dropout} (layer ${this.name}). Start with 0.1.`,
      )
    }
    const { useBias = true, useCausalMask = false, returnAttentionScores = false } = args
    this.#flags = { useBias, useCausalMask, returnAttentionScores }
    this.#kernels = kernelOptions(args)
    this.#biases = biasOptions(args)
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const [query, value, key] = this.#checkedShapes(inputShape)
    const { numHeads, keyDim, valueDim, keyValueHeads } = this.#sizes
    const projection = (name: string, inputs: number, outputs: number, position: number): Projection => {
      const weight = (kind: string, shape: number[], options: WeightOptions) =>
        this.addWeight(
          `${name}_${kind}`,
          shape,
          'float32',
          options.initializer(position),
          options.regularizer,
        )
      return {
        kernel: weight('kernel', [inputs, outputs], this.#kernels),
        bias: this.#flags.useBias ? weight('bias', [outputs], this.#biases) : undefined,
      }
    }
    this.#projections = {
      query: projection('query', query[2]!, numHeads * keyDim, 0),
      key: projection('key', key[2]!, keyValueHeads * keyDim, 1),
      value: projection('value', value[2]!, keyValueHeads * valueDim, 2),
      output: projection('output', numHeads * valueDim, this.#outputShape ?? query[2]!, 3),
    }
    super.build(inputShape)
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: MultiHeadAttentionCallArgs = {},
  ): tf.Tensor | tf.Tensor[] {
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as [tf.Tensor, ...(tf.Tensor | undefined)[]]
    const [query, value = query, key = value, maskInput] = list
    const { returnAttentionScores } = this.#flags
    const useCausalMask = kwargs.useCausalMask ?? this.#flags.useCausalMask
    const { numHeads, keyDim, valueDim, keyValueHeads } = this.#sizes
    const projections = this.#projections!
    return tf.tidy(() => {
      const [batch, queries] = query.shape as [number, number]
      const keys = key.shape[1]!
      const shared = numHeads / keyValueHeads // heads of queries per head of keys and values
      const q = splitHeads(project(query, projections.query), numHeads) // [batch, heads, queries, keyDim]
      const scores = { batch, heads: numHeads, queries, keys }
      const context = (mask: string) => `MultiHeadAttention (layer ${this.name}): expected ${mask}`
      const allowed = allOf([
        maskInput && headMask(maskInput, scores, context('the mask')),
        kwargs.attentionMask && headMask(kwargs.attentionMask, scores, context('attentionMask')),
        useCausalMask ? causalMask(queries, keys) : undefined,
        paddingMask(kwargs.mask, value === query, scores, context('a mask')),
      ])
      const weights = attentionWeights({
        query: tf.reshape(q, [batch, keyValueHeads, shared * queries, keyDim]),
        key: splitHeads(project(key, projections.key), keyValueHeads), // [batch, keyValueHeads, keys, keyDim]
        mask: allowed && groupHeads(allowed, scores, keyValueHeads),
      }) // [batch, keyValueHeads, shared · queries, keys]
      const attended = tf.matMul(
        kwargs.training ? this.#dropped(weights) : weights,
        splitHeads(project(value, projections.value), keyValueHeads), // [batch, keyValueHeads, keys, valueDim]
      )
      const byHead = tf.reshape(attended, [batch, numHeads, queries, valueDim])
      const joined = tf.reshape(tf.transpose(byHead, [0, 2, 1, 3]), [batch, queries, numHeads * valueDim])
      const output = project(joined, projections.output)
      return returnAttentionScores ? [output, tf.reshape(weights, [batch, numHeads, queries, keys])] : output
    })
  }

  /** The output has the positions of the query; the weights have none that a mask could mean. */
  override computeMask(
    _inputs: tf.Tensor | tf.Tensor[],
    mask?: tf.Tensor | tf.Tensor[],
  ): tf.Tensor | tf.Tensor[] {
    // tfjs writes null for "no mask", which its own types leave out.
    const query = ((Array.isArray(mask) ? mask[0] : mask) ?? null) as tf.Tensor
    return this.#flags.returnAttentionScores ? [query, null as unknown as tf.Tensor] : query
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
    const [query, value] = this.#checkedShapes(inputShape)
    const output = [query[0]!, query[1]!, this.#outputShape ?? query[2]!]
    if (!this.#flags.returnAttentionScores) return output
    return [output, [query[0]!, this.#sizes.numHeads, query[1]!, value[1]!]]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#sizes,
      ...(this.#outputShape !== undefined && { outputShape: this.#outputShape }),
      dropout: this.#dropout,
      ...this.#flags,
      ...this.#kernels.getConfig(),
      ...this.#biases.getConfig(),
    }
  }

  #dropped(weights: tf.Tensor): tf.Tensor {
    if (this.#dropout === 0) return weights
    return tf.mul(
      weights,
      this.drawnMask(weights.shape, () => this.#dropout),
    )
  }

  #checkedShapes(inputShape: tfl.Shape | tfl.Shape[]): [query: tfl.Shape, value: tfl.Shape, key: tfl.Shape] {
    const shapes = shapeList(inputShape)
    const [query, value = query, key = value, mask] = shapes as [tfl.Shape, ...(tfl.Shape | undefined)[]]
    const known = [query, value, key].every((shape) => shape.length === 3 && shape[2])
    if (!known || shapes.length > 4 || (mask && mask.length !== 3 && mask.length !== 4)) {
      throw new RangeError(
        'MultiHeadAttention: expected [query, value, key, mask], each [batch, positions, features] with known ' +
          `features and the mask [batch, queries, keys] or [batch, heads, queries, keys], got ${shapes.map(describeShape).join(', ')} ` +
          `(layer ${this.name}). Leave key and mask out, or all but the query, when they are not needed.`,
      )
    }
    return [query, value, key]
  }
}

/** `[batch, positions, heads · depth]` to `[batch, heads, positions, depth]`. */
function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, positions, features] = x.shape as [number, number, number]
  return tf.transpose(tf.reshape(x, [batch, positions, heads, features / heads]), [0, 2, 1, 3])
}

/**
 * A mask for scores `[batch, keyValueHeads, heads of a group · queries, keys]`, from one that broadcasts to
 * `[batch, heads, queries, keys]`.
 */
function groupHeads(
  allowed: tf.Tensor,
  { heads, queries, keys }: ScoreShape,
  keyValueHeads: number,
): tf.Tensor {
  const shared = heads / keyValueHeads
  if (shared === 1) return allowed
  const full = tf.mul(allowed, tf.ones([1, 1, queries, keys]))
  const [batch, maskHeads] = full.shape as [number, number]
  return maskHeads === 1
    ? tf.concat(new Array<tf.Tensor>(shared).fill(full), 2)
    : tf.reshape(full, [batch, keyValueHeads, shared * queries, keys])
}

function project(x: tf.Tensor, { kernel, bias }: Projection): tf.Tensor {
  const y = applyKernel(x, kernel.read())
  return bias ? tf.add(y, bias.read()) : y
}

function positive(option: string, value: number): number {
  const hint = 'Usual are numHeads 4 or 8 and keyDim = features / numHeads.'
  return positiveInteger('MultiHeadAttention', option, value, hint)
}
