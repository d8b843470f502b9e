import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { finiteNumber, lastAxis } from './check.js'
import { type LayerArgs, single } from './layer-args.js'

/** Options of `LayerScale`. */
export interface LayerScaleArgs extends LayerArgs {
  /** Factor of every channel at first; 1e-5 by default, for networks of more than 24 blocks. Use 0.1 below 18. */
  initialValue?: number
}

/**
 * Multiplies each channel of a residual branch by a learned factor that starts near 0: deep networks train from the
 * identity on.
 *
 * `y = gamma · x`, `gamma` starts at `initialValue`. Use it as the last layer of a branch, before the addition.
 *
 * Touvron et al. 2021, "Going deeper with Image Transformers", arXiv:2103.17239, section 2.
 *
 * Shapes: `[batch, ..., channels]`; the output has the input's shape. Weight: `gamma` `[channels]`. Training and
 * inference are the same. It has first and second derivatives.
 *
 * @throws RangeError when initialValue is not finite, or the channels are not known.
 *
 * @example
 * const y = tf.layers.add().apply([x, new LayerScale({ initialValue: 0.1 }).apply(branch)])
 */
export class LayerScale extends tfl.layers.Layer {
  static readonly className = 'DlkitLayerScale'
  readonly #initialValue: number
  #gamma: tfl.LayerVariable | undefined

  constructor(args: LayerScaleArgs = {}) {
    super(args)
    this.supportsMasking = true
    const { initialValue = 1e-5 } = args
    this.#initialValue = finiteNumber('LayerScale', 'initialValue', initialValue, 'Usual are 1e-6 to 0.1.')
  }

  override build(inputShape: tfl.Shape): void {
    const channels = lastAxis(this, 'LayerScale', inputShape)
    const initializer = tfl.initializers.constant({ value: this.#initialValue })
    this.#gamma = this.addWeight('gamma', [channels], 'float32', initializer)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(single(inputs), this.#gamma!.read()))
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), initialValue: this.#initialValue }
  }
}
