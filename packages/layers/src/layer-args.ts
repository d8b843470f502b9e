import type * as tf from '@tensorflow/tfjs-core'
import type * as tfl from '@tensorflow/tfjs-layers'

/** Options of every layer, such as `name` and `inputShape`; tfjs-layers does not export the type. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>

/** tfjs passes a single input as it is or in a list. */
export function single(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(inputs) ? inputs[0]! : inputs
}

/** tfjs passes the shape of a single input as it is, and those of several in a list. */
export function shapeList(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape[] {
  return (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as tfl.Shape[]
}

/** The exported name of a layer's class, for messages. */
export function titleOf(layer: tfl.layers.Layer): string {
  return layer.getClassName().replace('Dlkit', '')
}
