import type * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'

/** A layer made of a function; it keeps the shape. */
export class CallbackLayer extends layers.Layer {
  static className = 'TestCallbackLayer'

  constructor(private readonly run: (x: tf.Tensor, training: boolean) => tf.Tensor) {
    super({})
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs?: { training?: boolean }): tf.Tensor {
    return this.run(Array.isArray(inputs) ? inputs[0]! : inputs, kwargs?.training === true)
  }

  override getClassName(): string {
    return CallbackLayer.className
  }
}
