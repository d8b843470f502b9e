import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describeShape, lastAxis, positiveInteger, positiveNumber } from './check.js'
import { type LayerArgs, single, titleOf } from './layer-args.js'
import { rotatePositions, sinusoidalPositions } from './positions.js'

/** Options of layers that encode positions. */
export interface PositionsArgs extends LayerArgs {
  /** Wavelengths, in positions, go from 2π to `2π · base`; 10,000 by default. */
  base?: number
}

/** What layers of positions share: `[batch, ..., positions, features]` with an even number of features. */
abstract class Positions extends tfl.layers.Layer {
  protected readonly base: number

  constructor(args: PositionsArgs = {}) {
    super(args)
    this.supportsMasking = true
    this.base = positiveNumber(titleOf(this), 'base', args.base ?? 10_000, 'Usual is 10000.')
  }

  override build(inputShape: tfl.Shape): void {
    const features = lastAxis(this, titleOf(this), inputShape)
    if (inputShape.length < 3 || features % 2 !== 0) {
      throw new RangeError(
        `${titleOf(this)}: expected an input [batch, ..., positions, features] with an even number of features, ` +
          `got ${describeShape(inputShape)} (layer ${this.name}). Add a dense layer before it.`,
      )
    }
    super.build(inputShape)
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), base: this.base }
  }
}

/**
 * Adds {@link sinusoidalPositions} to a sequence, so that attention knows the order; for sequences of any length.
 *
 * Vaswani et al. 2017, arXiv:1706.03762, section 3.5. No weights; positions count from 0.
 *
 * Shapes: `[batch, ..., positions, features]` with an even number of features; the output has the input's shape.
 * Training and inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when base is not > 0, or the features are not even.
 *
 * @example
 * const y = new SinusoidalPositions().apply(tf.zeros([2, 10, 32]))
 */
export class SinusoidalPositions extends Positions {
  static readonly className = 'DlkitSinusoidalPositions'

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = single(inputs)
    const [positions, features] = x.shape.slice(-2) as [number, number]
    return tf.tidy(() => tf.add(x, sinusoidalPositions(tf.range(0, positions), features, this.base)))
  }
}

/**
 * {@link rotatePositions} as a layer, for queries and keys of an attention of your own, such as
 * {@link scaledDotProductAttention}.
 *
 * Su et al. 2021, "RoFormer", arXiv:2104.09864. No weights; positions count from 0.
 *
 * Shapes: `[batch, ..., positions, depth]`, depth even; the output has the input's shape. Training and inference are the
 * same. It has first and second derivatives.
 *
 * @throws RangeError when base is not > 0, or the depth is not even.
 *
 * @example
 * const query = new RotaryPositions().apply(tf.zeros([2, 4, 10, 16]))
 */
export class RotaryPositions extends Positions {
  static readonly className = 'DlkitRotaryPositions'

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return rotatePositions(single(inputs), this.base)
  }
}

/** Options of `TimestepEmbedding`. */
export interface TimestepEmbeddingArgs extends PositionsArgs {
  /** Features of the output, even. */
  features: number
}

/**
 * Turns the timestep of a diffusion model into features: {@link sinusoidalPositions} of numbers. Put two dense layers
 * with `SiLU` between them behind it, and give the result to {@link FiLM} or {@link AdaptiveGroupNormalization}.
 *
 * Ho et al. 2020, "Denoising Diffusion Probabilistic Models", arXiv:2006.11239, appendix B.
 *
 * Shapes: `[batch]`, or `[batch, 1]` as an input of a model, any type; output `[batch, features]`. Training and inference
 * are the same. It has first and second derivatives.
 *
 * @throws RangeError when features is not an even integer >= 2, base not > 0, or there is more than one number per
 * example.
 *
 * @example
 * const y = new TimestepEmbedding({ features: 32 }).apply(tf.tensor2d([[0], [999]])) // [2, 32]
 */
export class TimestepEmbedding extends tfl.layers.Layer {
  static readonly className = 'DlkitTimestepEmbedding'
  readonly #features: number
  readonly #base: number

  constructor(args: TimestepEmbeddingArgs) {
    super(args)
    const title = 'TimestepEmbedding'
    this.#features = positiveInteger(title, 'features', args.features, 'Usual are 128 to 512.')
    if (this.#features % 2 !== 0) {
      throw new RangeError(`${title}: expected an even number of features, got ${args.features}. Add one.`)
    }
    this.#base = positiveNumber(title, 'base', args.base ?? 10_000, 'Usual is 10000.')
  }

  override build(inputShape: tfl.Shape): void {
    const fits = inputShape.length === 1 || (inputShape.length === 2 && inputShape[1] === 1)
    if (!fits) {
      throw new RangeError(
        `TimestepEmbedding: expected an input [batch] or [batch, 1], got ${describeShape(inputShape)} ` +
          `(layer ${this.name}). Use SinusoidalPositions for sequences.`,
      )
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const steps = single(inputs)
    return tf.tidy(() =>
      sinusoidalPositions(tf.reshape(steps, [steps.shape[0]!]), this.#features, this.#base),
    )
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return [inputShape[0]!, this.#features]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), features: this.#features, base: this.#base }
  }
}
