// A model without the softmax that its loss wants, or with it: BUG=none.
import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'
import { defineTraining } from '../src/define-training.js'

export default defineTraining(async () => {
  const kernel = (seed: number) => ({ kernelInitializer: initializers.glorotNormal({ seed }) })
  const model = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [4], ...kernel(1) }),
      layers.dense({ units: 3, ...(process.env.BUG === 'none' && { activation: 'softmax' }), ...kernel(2) }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' })
  const inputs = tf.randomNormal([96, 4], 0, 1, 'float32', 3)
  const labels = tf.argMax(tf.slice(inputs, [0, 0], [-1, 3]), 1) as tf.Tensor1D
  return { model, data: { inputs, targets: tf.oneHot(labels, 3) } }
})
