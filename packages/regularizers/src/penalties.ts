import * as tf from '@tensorflow/tfjs-core'
import type { LayerVariable } from '@tensorflow/tfjs-layers'
import { checkRate } from './check-rate.js'

/** A tf.Variable or another tensor, or a weight of a layer as in `model.trainableWeights`. */
export type Weight = tf.Tensor | LayerVariable

/**
 * `rate · Σ|w|` over all weights, for the loss of a hand-written loop; differentiable.
 *
 * @param weights at least one; {@link kernelsOf} picks the usual ones of a model.
 * @param rate finite and >= 0.
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 * @throws RangeError for another rate or an empty list.
 */
export function l1Penalty(weights: Iterable<Weight>, rate: number): tf.Scalar {
  return penalty('l1Penalty', weights, rate, tf.abs)
}

/**
 * `rate · Σw²` over all weights, for the loss of a hand-written loop; differentiable any number of times.
 *
 * The factor is Keras's, as in {@link l2}: PyTorch's `weight_decay` is `2 · rate`. With Adam neither equals
 * decoupled weight decay (AdamW), because Adam divides this gradient by its running size, too.
 *
 * @param weights at least one; {@link kernelsOf} picks the usual ones of a model.
 * @param rate finite and >= 0.
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 * @throws RangeError for another rate or an empty list.
 */
export function l2Penalty(weights: Iterable<Weight>, rate: number): tf.Scalar {
  return penalty('l2Penalty', weights, rate, tf.square)
}

function penalty(
  name: string,
  weights: Iterable<Weight>,
  rate: number,
  elementwise: (weight: tf.Tensor) => tf.Tensor,
): tf.Scalar {
  checkRate(name, rate)
  const list = [...weights]
  if (list.length === 0) {
    throw new RangeError(
      `${name}: expected at least one weight, got none. Pass model.trainableWeights or kernelsOf(model).`,
    )
  }
  if (rate === 0) return tf.scalar(0)
  return tf.tidy(() => {
    const sums = list.map((weight) => tf.sum(elementwise('read' in weight ? weight.read() : weight)))
    return tf.mul(rate, tf.addN(sums))
  })
}
