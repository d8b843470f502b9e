import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, layers } from '@tensorflow/tfjs-layers'

/**
 * What each layer adds to the training loss, which tfjs shows as one number: penalties of weights and activities by
 * layer name, `model/layer` inside a nested model. Layers without a penalty are left out.
 *
 * Activity penalties are those of the last training call.
 *
 * @example
 * console.log(await penalties(model)) // { dense: 0.0021, activity: 0.13 }
 */
export async function penalties(model: LayersModel): Promise<Record<string, number>> {
  const found = penaltiesByLayer(model)
  const values = await Promise.all(found.map(([, penalty]) => penalty.data()))
  tf.dispose(found.map(([, penalty]) => penalty))
  return Object.fromEntries(found.map(([name], index) => [name, values[index]![0]!]))
}

/**
 * The sum of all penalties of a model, for the loss of a hand-written loop: call it after the forward pass, in the same
 * gradient scope. `model.fit` adds it by itself.
 *
 * @returns a scalar that the caller (or the surrounding `tf.tidy`) disposes; 0 for a model without penalties.
 */
export function totalPenalty(model: LayersModel): tf.Scalar {
  return tf.tidy(() => {
    const found = penaltiesByLayer(model)
    return found.length === 0 ? tf.scalar(0) : (tf.addN(found.map(([, penalty]) => penalty)) as tf.Scalar)
  })
}

function penaltiesByLayer(model: LayersModel, prefix = ''): [name: string, penalty: tf.Scalar][] {
  return model.layers.flatMap((layer) => {
    if (isModel(layer)) return penaltiesByLayer(layer, `${prefix}${layer.name}/`)
    const losses = tf.tidy(() => {
      const list = layer.calculateLosses()
      return list.length === 0 ? [] : [tf.addN(list) as tf.Scalar]
    })
    return losses.map((loss): [string, tf.Scalar] => [prefix + layer.name, loss])
  })
}

function isModel(layer: layers.Layer): layer is LayersModel {
  return 'layers' in layer
}
