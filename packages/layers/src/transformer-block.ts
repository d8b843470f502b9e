import { RandomLayer, type RandomLayerArgs } from '@dlkit/regularizers'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { gelu, silu } from './activations.js'
import { applyKernel } from './apply-kernel.js'
import { allOf, causalMask, type PaddingMasks, paddingMask } from './attention-mask.js'
import { describeShape, dropRate, positiveInteger, positiveNumber, quotient } from './check.js'
import { single } from './layer-args.js'
import { layerNormalization } from './layer-normalization.js'
import { rotatePositions } from './positions.js'
import { attentionWeights } from './scaled-dot-product-attention.js'
import { type KernelArgs, kernelOptions, type WeightOptions } from './weight-options.js'

const activations = { gelu, silu, relu: (x: tf.Tensor): tf.Tensor => tf.relu(x) }

/** Options of `TransformerBlock`. */
export interface TransformerBlockArgs extends RandomLayerArgs, KernelArgs {
  /** Number of heads, a divisor of the features. */
  numHeads: number
  /** Units of the hidden layer; four times the features by default. */
  hiddenUnits?: number
  /** Activation of the hidden layer; `'gelu'` by default. */
  activation?: keyof typeof activations
  /** Share of attention weights and of both branches' outputs that is set to 0 in training, in [0, 1); 0 by default. */
  dropout?: number
  /** Share of examples that skip a branch in training, in [0, 1); 0 by default. */
  dropPath?: number
  /** When true, position i looks at positions 0 to i only; false by default. */
  useCausalMask?: boolean
  /** Base of rotary positions of queries and keys, usually 10,000; none by default. */
  rotaryBase?: number
  /** Added to the variances; 1e-5 by default. */
  epsilon?: number
}

/**
 * A block of a transformer: attention and a hidden layer, each normalized before and added to what came in (pre-norm).
 *
 * `y = x + attention(norm(x))`, `z = y + W₂ act(W₁ norm(y) + b₁) + b₂`, with layer normalization. Stack it, and normalize
 * once more after the last one. In training, `dropout` and `dropPath` act on both branches.
 *
 * Vaswani et al. 2017, arXiv:1706.03762; the order is that of Xiong et al. 2020, "On Layer Normalization in the
 * Transformer Architecture", arXiv:2002.04745. Drop path: Huang et al. 2016, arXiv:1603.09382. It is PyTorch's
 * `TransformerEncoderLayer` with `norm_first=True`, but for its dropout between the hidden layers.
 *
 * Shapes: `[batch, positions, features]`; the output has the input's shape. Positions that tf.layers.masking takes away
 * are not looked at. Weights: `query`, `key`, `value` and `output` `_kernel` `[features, features]` and `_bias`,
 * `hidden_kernel` `[features, hiddenUnits]`, `change_kernel` `[hiddenUnits, features]` and their biases, `norm1_gamma`,
 * `norm1_beta`, `norm2_gamma`, `norm2_beta` `[features]`. Seed and calls are those of {@link RandomLayer}. It has first
 * and second derivatives.
 *
 * @throws RangeError for sizes that are not positive integers or do not divide, rates outside of [0, 1), an unknown
 * activation, and inputs that are no sequences.
 *
 * @example
 * const y = new TransformerBlock({ numHeads: 4, dropout: 0.1 }).apply(tf.zeros([2, 10, 32]))
 */
export class TransformerBlock extends RandomLayer {
  static readonly className = 'DlkitTransformerBlock'
  readonly #options: Required<
    Pick<
      TransformerBlockArgs,
      'numHeads' | 'activation' | 'dropout' | 'dropPath' | 'useCausalMask' | 'epsilon'
    >
  >
  readonly #hiddenUnits: number | undefined
  readonly #rotaryBase: number | undefined
  readonly #kernels: WeightOptions
  #weights: Record<string, tfl.LayerVariable> = {}

  constructor(args: TransformerBlockArgs) {
    super(args)
    this.supportsMasking = true
    const hint = 'Usual are 4 to 16 heads and 4 times as many hidden units as features.'
    const positive = (option: string, value: number) =>
      positiveInteger('TransformerBlock', option, value, hint)
    const rate = (option: string, value = 0) => dropRate(this, 'TransformerBlock', option, value)
    const { activation = 'gelu', epsilon = 1e-5, useCausalMask = false } = args
    if (!Object.hasOwn(activations, activation)) {
      throw new RangeError(
        `TransformerBlock: expected activation to be one of ${Object.keys(activations).join(', ')}, ` +
          `got "${activation}" (layer ${this.name}). Leave it out for gelu.`,
      )
    }
    this.#options = {
      numHeads: positive('numHeads', args.numHeads),
      activation,
      dropout: rate('dropout', args.dropout),
      dropPath: rate('dropPath', args.dropPath),
      useCausalMask,
      epsilon: positiveNumber('TransformerBlock', 'epsilon', epsilon, 'Usual is 1e-5.'),
    }
    this.#hiddenUnits = args.hiddenUnits === undefined ? undefined : positive('hiddenUnits', args.hiddenUnits)
    this.#rotaryBase =
      args.rotaryBase === undefined
        ? undefined
        : positiveNumber('TransformerBlock', 'rotaryBase', args.rotaryBase, 'Usual is 10000.')
    this.#kernels = kernelOptions(args)
  }

  override build(inputShape: tfl.Shape): void {
    const features = inputShape[2]
    if (inputShape.length !== 3 || !features) {
      throw new RangeError(
        'TransformerBlock: expected an input [batch, positions, features] with known features, ' +
          `got ${describeShape(inputShape)} (layer ${this.name}). Reshape pictures to sequences of pixels.`,
      )
    }
    const depth = quotient('TransformerBlock', 'numHeads', features, this.#options.numHeads)
    if (this.#rotaryBase !== undefined && depth % 2 !== 0) {
      throw new RangeError(
        `TransformerBlock: expected an even depth per head for rotary positions, got features=${features}, ` +
          `numHeads=${this.#options.numHeads} (layer ${this.name}). Take half as many heads.`,
      )
    }
    const hidden = this.#hiddenUnits ?? 4 * features
    const { ones, zeros } = tfl.initializers
    const weight = (
      name: string,
      shape: number[],
      initializer: ReturnType<typeof zeros>,
      regularized = false,
    ) => {
      const regularizer = regularized ? this.#kernels.regularizer : undefined
      this.#weights[name] = this.addWeight(name, shape, 'float32', initializer, regularizer)
    }
    const norm = (name: string) => {
      weight(`${name}_gamma`, [features], ones())
      weight(`${name}_beta`, [features], zeros())
    }
    const dense = (name: string, inputs: number, outputs: number, position: number) => {
      weight(`${name}_kernel`, [inputs, outputs], this.#kernels.initializer(position), true)
      weight(`${name}_bias`, [outputs], zeros())
    }
    norm('norm1')
    for (const [position, name] of ['query', 'key', 'value', 'output'].entries())
      dense(name, features, features, position)
    norm('norm2')
    dense('hidden', features, hidden, 4)
    dense('change', hidden, features, 5)
    super.build(inputShape)
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs?: { training?: boolean; mask?: PaddingMasks },
  ): tf.Tensor {
    const x = single(inputs)
    const training = kwargs?.training ?? false
    return tf.tidy(() => {
      const y = tf.add(
        x,
        this.#branch(this.#attend(this.#norm(x, 'norm1'), training, kwargs?.mask), training),
      )
      const hidden = activations[this.#options.activation](this.#dense(this.#norm(y, 'norm2'), 'hidden'))
      return tf.add(y, this.#branch(this.#dense(hidden, 'change'), training))
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#options,
      ...(this.#hiddenUnits !== undefined && { hiddenUnits: this.#hiddenUnits }),
      ...(this.#rotaryBase !== undefined && { rotaryBase: this.#rotaryBase }),
      ...this.#kernels.getConfig(),
    }
  }

  #attend(x: tf.Tensor, training: boolean, mask: PaddingMasks): tf.Tensor {
    const { numHeads, useCausalMask, dropout } = this.#options
    const [batch, positions, features] = x.shape as [number, number, number]
    const depth = features / numHeads
    const heads = (name: string) =>
      tf.transpose(tf.reshape(this.#dense(x, name), [batch, positions, numHeads, depth]), [0, 2, 1, 3])
    const turned = (name: string) =>
      this.#rotaryBase === undefined ? heads(name) : rotatePositions(heads(name), this.#rotaryBase)
    const scores = { batch, heads: numHeads, queries: positions, keys: positions }
    const context = `TransformerBlock (layer ${this.name}): expected a mask`
    const weights = attentionWeights({
      query: turned('query'), // [batch, heads, positions, depth]
      key: turned('key'),
      mask: allOf([
        useCausalMask ? causalMask(positions, positions) : undefined,
        paddingMask(mask, true, scores, context),
      ]),
    })
    const attended = tf.matMul(
      training ? this.#drop(weights, dropout, weights.shape) : weights,
      heads('value'),
    )
    return this.#dense(tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), x.shape), 'output')
  }

  /** What both branches end with. */
  #branch(x: tf.Tensor, training: boolean): tf.Tensor {
    if (!training) return x
    const { dropout, dropPath } = this.#options
    return this.#drop(this.#drop(x, dropout, x.shape), dropPath, [x.shape[0]!, 1, 1])
  }

  #drop(x: tf.Tensor, rate: number, shape: number[]): tf.Tensor {
    if (rate === 0) return x
    return tf.mul(
      x,
      this.drawnMask(shape, () => rate),
    )
  }

  #norm(x: tf.Tensor, name: string): tf.Tensor {
    const [gamma, beta] = [this.#read(`${name}_gamma`), this.#read(`${name}_beta`)]
    return layerNormalization(x, gamma, beta, this.#options.epsilon)
  }

  #dense(x: tf.Tensor, name: string): tf.Tensor {
    return tf.add(applyKernel(x, this.#read(`${name}_kernel`)), this.#read(`${name}_bias`))
  }

  #read(name: string): tf.Tensor {
    return this.#weights[name]!.read()
  }
}
