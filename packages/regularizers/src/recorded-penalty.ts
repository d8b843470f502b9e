import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

/**
 * A layer that passes its input on and adds a penalty of it to the training loss. tfjs asks for the losses of a layer
 * right after the forward pass, within the same gradient scope; so the penalty of the last training call is kept.
 */
export abstract class RecordedPenalty extends tfl.layers.Layer {
  #last: tf.Scalar | undefined

  constructor(args: NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>) {
    super(args)
    this.addLoss(() => (this.#last ? tf.clone(this.#last) : tf.scalar(0)))
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor | tf.Tensor[] {
    const list = Array.isArray(inputs) ? inputs : [inputs]
    if (kwargs?.training) {
      this.#last?.dispose()
      this.#last = tf.keep(tf.tidy(() => this.penalty(list)))
    }
    return list.length === 1 ? list[0]! : list
  }

  override dispose(): ReturnType<tfl.layers.Layer['dispose']> {
    this.#last?.dispose()
    this.#last = undefined
    return super.dispose()
  }

  protected abstract penalty(inputs: tf.Tensor[]): tf.Scalar
}
