import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { lastAxis, positiveNumber } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/** `x / √(mean(x²) + epsilon)` over the last axis. */
export function rmsNormalization(x: tf.Tensor, epsilon = 1e-6): tf.Tensor {
  return tf.tidy(() => tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))))
}

/** Options of `RMSNormalization`. */
export interface RMSNormalizationArgs extends LayerArgs {
  /** Added to the mean square; 1e-6 by default. */
  epsilon?: number
  /** Whether each feature has a learned factor that starts at 1; true by default. */
  scale?: boolean
}

/**
 * Divides features by their root mean square: layer normalization without the mean, cheaper and as good in transformers.
 *
 * `y = gamma · x / √(mean(x²) + epsilon)`, the mean over the last axis.
 *
 * Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", arXiv:1910.07467.
 *
 * Shapes: `[batch, ..., features]`; the output has the input's shape. Weight: `gamma` `[features]`. Training and
 * inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when epsilon is not > 0.
 *
 * @example
 * const y = new RMSNormalization().apply(tf.zeros([2, 10, 32]))
 */
export class RMSNormalization extends tfl.layers.Layer {
  static readonly className = 'DlkitRMSNormalization'
  readonly #options: { epsilon: number; scale: boolean }
  #gamma: tfl.LayerVariable | undefined

  constructor(args: RMSNormalizationArgs = {}) {
    super(args)
    this.supportsMasking = true
    const { epsilon = 1e-6, scale = true } = args
    this.#options = {
      epsilon: positiveNumber('RMSNormalization', 'epsilon', epsilon, 'Usual is 1e-6.'),
      scale,
    }
  }

  override build(inputShape: tfl.Shape): void {
    const features = lastAxis(this, 'RMSNormalization', inputShape)
    if (this.#options.scale) {
      this.#gamma = this.addWeight('gamma', [features], 'float32', tfl.initializers.ones())
    }
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const y = rmsNormalization(single(inputs), this.#options.epsilon)
      return this.#gamma ? tf.mul(y, this.#gamma.read()) : y
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#options }
  }
}
