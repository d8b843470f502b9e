import type * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'

/** What tf.layers take as `kernelRegularizer`; tfjs-layers does not export the name. */
export type Regularizer = ReturnType<typeof tfl.regularizers.l1l2>

/**
 * The base class of tfjs's regularizers. tfjs-layers accepts its subclasses only and does not export it, so it is taken
 * from one of them.
 */
export const TfjsRegularizer = Object.getPrototypeOf(
  tfl.regularizers.l1l2().constructor,
) as (abstract new () => Regularizer) & Pick<typeof tf.serialization.Serializable, 'fromConfig'>
