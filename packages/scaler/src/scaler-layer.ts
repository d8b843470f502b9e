import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import type { Scaler } from './scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>

/** Options of `ScalerLayer`. */
export interface ScalerLayerArgs extends LayerArgs {
  /** A fitted scaler. */
  scaler: Scaler
  /** Undoes the scaling instead: the last layer of a model that was trained on scaled targets. */
  inverse?: boolean
}

/**
 * A fitted scaler as a layer of a model, so that serving cannot forget it: the model takes raw values.
 *
 * `y = scaler.transform(x)`, or `y = scaler.inverseTransform(x)` with `inverse`. The scaler's whole state, sketches and hash
 * included, is part of the model's topology: `model.save` keeps it, and loading checks it. A loaded model can compare
 * live data with its training data: `model.layers[0].scaler.compare(live)`. The scaler is finished by it: what a model and
 * its user see must not part. Call {@link registerScalerLayer} before
 * loading.
 *
 * Shapes: those of the scaler, `[batch, ..., features]`; the output has the input's shape. No weights; training and
 * inference are the same. Differentiable.
 *
 * @throws when it is made with an unfitted scaler, and RangeError when it is built for another number of features.
 *
 * @example
 * const model = tf.sequential({ layers: [new ScalerLayer({ scaler, inputShape: [4] }), tf.layers.dense({ units: 1 })] })
 */
export class ScalerLayer extends tfl.layers.Layer {
  static readonly className = 'DlkitScalerLayer'

  readonly scaler: Scaler
  readonly inverse: boolean

  constructor({ scaler, inverse = false, ...args }: ScalerLayerArgs) {
    super({ trainable: false, ...args })
    if (!scaler.fitted) {
      throw new Error(
        `ScalerLayer: expected a fitted scaler, got an unfitted one (layer ${this.name}). Await scaler.fit(trainData) first.`,
      )
    }
    this.scaler = scaler.finish()
    this.inverse = inverse
  }

  override build(inputShape: tfl.Shape): void {
    this.scaler.checkShape('ScalerLayer', inputShape)
    super.build(inputShape)
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs
    return this.inverse ? this.scaler.inverseTransform(x) : this.scaler.transform(x)
  }

  // tfjs rewrites every string of a saved configuration to snake_case, but the values of keys called "name".
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scaler: { name: JSON.stringify(this.scaler) }, inverse: this.inverse }
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    layerClass: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const saved = config.scaler
    if (typeof saved !== 'object' || saved === null || !('name' in saved) || typeof saved.name !== 'string') {
      throw new TypeError(
        `ScalerLayer: expected a configuration with a saved scaler, got ${JSON.stringify(saved)}. Save the model again.`,
      )
    }
    return new layerClass({ ...config, scaler: scalerFromJSON(JSON.parse(saved.name)) })
  }
}

/** Makes the class known to `loadLayersModel`. Call it once before loading a saved model; again does nothing. */
export function registerScalerLayer(): void {
  tf.serialization.registerClass(ScalerLayer)
}
