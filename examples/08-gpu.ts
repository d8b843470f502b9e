// The same program on a GPU: what this machine trains on and why, and what a step takes there and on one other engine.
//   npm run example examples/08-gpu.ts
// A GPU needs CUDA's libraries from PyPI; packages/backend-onnxruntime/README.md, "On a GPU", says how.
import { useEngine } from '@dlkit/engine'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

/** Median time in ms of a training step of a small convolutional network, after three to warm up. */
async function stepTime(): Promise<number> {
  const model = sequential({
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [32, 32, 3] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy' })
  const x = tf.randomNormal([16, 32, 32, 3], 0, 1, 'float32', 1)
  const y = tf.oneHot(tf.range(0, 16, 1, 'int32'), 10)
  const times: number[] = []
  for (let step = 0; step < 8; step++) {
    const started = performance.now()
    await model.trainOnBatch(x, y) // reads the loss, so that the step is over
    if (step >= 3) times.push(performance.now() - started)
  }
  tf.dispose([x, y])
  model.dispose()
  return times.sort((a, b) => a - b)[2]!
}

const best = await useEngine()
console.log(`${best.name} ${best.version} on ${best.device}: ${best.reason}`)
for (const { name, reason } of best.others) console.log(`  not ${name}: ${reason}`)
console.log(`${best.name} on ${best.device}: ${(await stepTime()).toFixed(1)} ms a step`)

await useEngine({ prefer: 'wasm' })
console.log(`wasm on cpu: ${(await stepTime()).toFixed(1)} ms a step`)
