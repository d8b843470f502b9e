import * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'

/** A tensor whose values have magnitudes in [0.1, 1] and random signs; the same seed gives the same values. */
export function noise(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tidy(() => {
    const magnitude = tf.randomUniform([...shape], 0.1, 1, 'float32', seed)
    const sign = tf.sign(tf.randomUniform([...shape], -1, 1, 'float32', seed + 0.5))
    return tf.mul(magnitude, sign)
  })
}

/**
 * Overwrites the weights of a layer with {@link noise}, each with a seed of its own. Those that are not trained get
 * positive values, because a moving variance may be among them.
 */
export function fillWithNoise(layer: layers.Layer, seed: number): void {
  tf.tidy(() => {
    layer.weights.forEach((weight, index) => {
      const values = noise(weight.shape as number[], seed + index)
      weight.write(layer.trainableWeights.includes(weight) ? values : tf.abs(values))
    })
  })
}
