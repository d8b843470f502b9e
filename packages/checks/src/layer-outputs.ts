import { leafLayers, wrapMethod } from '@dlkit/monitors/tools'
import * as tf from '@tensorflow/tfjs-core'
import type { layers } from '@tensorflow/tfjs-layers'
import type { Trainee } from './player.js'
import { listOf } from './samples.js'

export interface LayerOutput {
  layer: layers.Layer
  output: tf.Tensor
}

/** What each layer of the model puts out while `run` runs, in the order of the calls; the caller disposes of it. */
export function layerOutputs({ model }: Trainee, run: () => unknown): LayerOutput[] {
  const outputs: LayerOutput[] = []
  const releases = (model ? leafLayers(model) : []).map((layer) =>
    wrapMethod(
      layer,
      'call',
      (original) =>
        function call(inputs, kwargs) {
          const result = original.call(layer, inputs, kwargs)
          outputs.push({ layer, output: tf.keep(listOf(result)[0]!.clone()) })
          return result
        },
    ),
  )
  try {
    tf.tidy(() => {
      run()
    })
    return outputs
  } catch (error) {
    tf.dispose(outputs.map(({ output }) => output))
    throw error
  } finally {
    for (const release of releases) release()
  }
}
