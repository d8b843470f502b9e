// Learns to read noisy digits of 16×16 pixels. Run it with: npm start -w example-digits-on-onnxruntime
// On tfjs's own cpu backend it is the same program but for the two lines that name a backend.
import { useOnnxRuntime } from '@dlkit/backend-onnxruntime' // was: import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { digits } from './digits.js'

await useOnnxRuntime() // was: await tf.setBackend('cpu')

const model = sequential({
  layers: [
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [16, 16, 1] }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.1 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
})
model.compile({ optimizer: tf.train.adam(0.005), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })

const [train, held] = [digits(1600, 1), digits(400, 2)]
const started = performance.now()
await model.fit(train.pictures, train.labels, {
  epochs: 6,
  batchSize: 32,
  validationData: [held.pictures, held.labels],
  verbose: 0,
  callbacks: {
    onEpochEnd: (epoch, logs) =>
      console.log(`epoch ${epoch + 1}: held-out accuracy ${logs?.val_acc?.toFixed(3)}`),
  },
})
console.log(`trained in ${((performance.now() - started) / 1000).toFixed(1)} s on ${tf.getBackend()}`)
