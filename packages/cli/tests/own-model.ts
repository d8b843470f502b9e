// A network with dropout that tells three classes apart; parameters of its own, and data for every split.
import { Dropout } from '@dlkit/regularizers'
import { int, logUniform } from '@dlkit/search'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { defineTraining } from '../src/define-training.js'

export const params = { units: 16, rate: 0.01, dropout: 0.1 }

export const space = { units: int(4, 32), rate: logUniform(1e-4, 1e-1) }
export const switches = { 'hardly any learning': { rate: 1e-5 }, 'a little wider': { units: 17 } }

export default defineTraining(({ params }) => {
  const model = sequential({
    layers: [
      layers.dense({ units: params.units, activation: 'relu', inputShape: [4] }),
      new Dropout({ rate: params.dropout, seed: 3 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
  let seed = 10 * Number(process.env.DATA ?? 1)
  const samples = (count: number) => {
    const inputs = tf.randomNormal([count, 4], 0, 1, 'float32', seed++)
    const classes = tf.argMax(tf.slice(inputs, [0, 0], [-1, 3]), 1) as tf.Tensor1D
    return { inputs, targets: tf.oneHot(classes, 3) }
  }
  return {
    model,
    data: { ...samples(200), validation: samples(41), test: samples(42) },
    loss: 'categoricalCrossentropy',
    optimizer: tf.train.adam(params.rate),
    metrics: ['accuracy'],
  }
})
