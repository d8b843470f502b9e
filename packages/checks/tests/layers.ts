import * as tf from '@tensorflow/tfjs-core'
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

/** A registered layer that forgets its factor when it is saved. */
export class ForgetfulScale extends layers.Layer {
  static className = 'TestForgetfulScale'
  private readonly factor: number

  constructor({ factor = 1, ...args }: { factor?: number; name?: string }) {
    super(args)
    this.factor = factor
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, this.factor)
  }

  override getClassName(): string {
    return ForgetfulScale.className
  }
}

tf.serialization.registerClass(ForgetfulScale)

/** Passes tensors through and says that the gradient is twice what it is. */
export const withDoubledGradient = tf.customGrad((x) => ({
  value: (x as tf.Tensor).clone(),
  gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2),
}))
