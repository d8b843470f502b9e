import type * as tf from '@tensorflow/tfjs-core'
import type { LayersModel, layers } from '@tensorflow/tfjs-layers'
import { wrapMethod } from './wrap-method.js'

type Layer = layers.Layer
type LossFunction = LayersModel['lossFunctions'][number]

export interface ModelHooks {
  /** Results of the layers of a training step that is due; everything handed over is still the model's. */
  onLayer(layer: Layer, output: tf.Tensor): void
  onInputs(inputs: tf.Tensor, discrete: boolean): void
  /** Called by `fit`, `trainOnBatch` and `evaluate`, in training and in validation. */
  onLoss(targets: tf.Tensor, loss: tf.Tensor): void
}

/** Watches the results of a model's layers and its losses, until the returned function is called. */
export function hookModel(model: LayersModel, hooks: ModelHooks): () => void {
  const inputLayers = new Set<unknown>(model.inputLayers)
  const releases = leafLayers(model).map((layer) => {
    const positions = layer.inboundNodes.map((node) =>
      node.inboundLayers.findIndex((from) => inputLayers.has(from)),
    )
    const position = Math.max(-1, ...positions)
    return wrapMethod(
      layer,
      'call',
      (original, active) =>
        function call(inputs, kwargs) {
          const outputs = original.call(layer, inputs, kwargs)
          if (active() && kwargs?.training !== false) {
            const input = Array.isArray(inputs) ? inputs[position] : position >= 0 ? inputs : undefined
            if (input) hooks.onInputs(input, layer.getClassName() === 'Embedding')
            hooks.onLayer(layer, firstOf(outputs))
          }
          return outputs
        },
    )
  })
  releases.push(hookLosses(model, hooks))
  return () => {
    for (const release of releases.reverse()) release()
  }
}

/** `compile` makes them; a model that was not compiled has none. A sequential model keeps them in a model of its own. */
export function lossFunctionsOf(model: LayersModel): LossFunction[] {
  const { model: inner } = model as unknown as { model?: LayersModel }
  return model.lossFunctions ?? inner?.lossFunctions ?? []
}

function hookLosses(model: LayersModel, hooks: ModelHooks): () => void {
  const losses = lossFunctionsOf(model)
  const releases = losses.map((_, index) =>
    wrapMethod(losses, index, (original: LossFunction, active): LossFunction => {
      return (targets, outputs) => {
        const loss = original(targets, outputs)
        if (active()) hooks.onLoss(targets, loss)
        return loss
      }
    }),
  )
  return () => {
    for (const release of releases) release()
  }
}

/** The layers of a model and of the models within it. */
export function leafLayers(model: LayersModel): Layer[] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? leafLayers(layer as Layer as LayersModel) : [layer],
  )
}

function firstOf(tensors: tf.Tensor | tf.Tensor[]): tf.Tensor {
  return Array.isArray(tensors) ? tensors[0]! : tensors
}
