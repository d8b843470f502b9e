import * as tf from '@tensorflow/tfjs-core'
import type * as tfl from '@tensorflow/tfjs-layers'
import { checkRate } from './check-rate.js'
import { RecordedPenalty } from './recorded-penalty.js'

/** Options of `ActivityRegularization`. */
export interface ActivityRegularizationArgs
  extends NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]> {
  /** Factor of the sum of absolute activations, >= 0; 0 by default. */
  l1?: number
  /** Factor of the sum of squared activations, >= 0; 0 by default. */
  l2?: number
}

/**
 * `(l1 · Σ|x| + l2 · Σx²) / batch`: the size of activations, summed over an example and averaged over the batch.
 *
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes.
 */
export function activityPenalty(x: tf.Tensor, { l1 = 0, l2 = 0 }: { l1?: number; l2?: number }): tf.Scalar {
  return tf.tidy(() => {
    const sums = tf.add(tf.mul(l1, tf.sum(tf.abs(x))), tf.mul(l2, tf.sum(tf.square(x))))
    return tf.div(sums, x.shape[0] ?? 1)
  })
}

/**
 * Adds {@link activityPenalty} of what passes through to the training loss; the values pass unchanged.
 *
 * Use it behind a layer whose outputs should be small (`l2`) or mostly 0 (`l1`). It stands in for the
 * `activityRegularizer` option of Keras, which tfjs refuses. `model.fit` and `trainOnBatch` add the penalty; for your own
 * loop add {@link totalPenalty} of the model after the forward pass with `training: true`. As in Keras 3, the sum is
 * divided by the batch size. A layer that is used twice in one model reports its last use.
 *
 * Shapes: any; the output has the input's shape. At inference nothing is recorded.
 *
 * @throws RangeError for a rate that is not finite and >= 0.
 *
 * @example
 * model.add(new ActivityRegularization({ l1: 1e-4 }))
 */
export class ActivityRegularization extends RecordedPenalty {
  static readonly className = 'DlkitActivityRegularization'
  readonly #rates: { l1: number; l2: number }

  constructor(args: ActivityRegularizationArgs = {}) {
    super(args)
    this.supportsMasking = true
    const { l1 = 0, l2 = 0 } = args
    this.#rates = {
      l1: checkRate('ActivityRegularization.l1', l1),
      l2: checkRate('ActivityRegularization.l2', l2),
    }
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#rates }
  }

  protected override penalty([x]: tf.Tensor[]): tf.Scalar {
    return activityPenalty(x!, this.#rates)
  }
}
