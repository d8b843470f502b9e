import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { blobs } from '../../monitors/tests/data.js'
import { glorot, mlp } from '../../monitors/tests/networks.js'
import type { Batch, LossKind, Player } from '../src/index.js'
import { variablesOf } from './closures.js'
import { compiled, type healthy, split } from './healthy.js'

/** A planted bug, and the check that has to name it. */
export interface Bug {
  name: string
  expected: string
  make: (typeof healthy)['MLP']
}

export const classes = () => split(blobs())

/** A classifier whose loss is written by hand. */
export function closure(
  loss: (targets: tf.Tensor, answers: tf.Tensor) => tf.Tensor,
  { model = mlp({ last: 'linear' }), kind = 'categoricalCrossentropy' as LossKind, rate = 0.01 } = {},
): Player & { model: LayersModel } {
  const predict = (inputs: Batch['inputs'], training: boolean) =>
    model.apply(inputs as tf.Tensor, { training }) as tf.Tensor
  return {
    model,
    kind,
    predict,
    variables: variablesOf(model),
    optimizer: tf.train.adam(rate),
    loss: ({ inputs, targets }, training) => loss(targets as tf.Tensor, predict(inputs, training)),
  }
}

export const crossEntropy = (targets: tf.Tensor, logits: tf.Tensor) =>
  tf.losses.softmaxCrossEntropy(targets, logits)

export const withLayer = (layer: layers.Layer): LayersModel =>
  sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [8], kernelInitializer: glorot(1) }),
      layer,
      layers.dense({ units: 3, activation: 'softmax', kernelInitializer: glorot(2) }),
    ],
  })

export const classifier = (model: LayersModel, rate = 0.01) => ({
  model: compiled(model, 'categoricalCrossentropy', rate),
  data: classes(),
})
