/** `model.ts` of a new project: three arms of a spiral, which no linear model tells apart. */
export const ownModel = `import { defineTraining, int, logUniform } from '@dlkit/cli'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

/** Change them with: dlkit train --set units=64 */
export const params = { units: 32, rate: 0.01 }

/** Where dlkit tune looks for better ones. */
export const space = { units: int(8, 128, { log: true }), rate: logUniform(1e-4, 1e-1) }

/** What dlkit ablate tries, one at a time. */
export const switches = { 'half as wide': { units: 16 } }

export default defineTraining(({ params }) => ({
  model: sequential({
    layers: [
      layers.dense({ units: params.units, activation: 'relu', kernelInitializer: 'heNormal', inputShape: [2] }),
      layers.dense({ units: params.units, activation: 'relu', kernelInitializer: 'heNormal' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  }),
  loss: 'categoricalCrossentropy',
  optimizer: tf.train.adam(params.rate),
  metrics: ['accuracy'],
  data: { ...spiral(600), validation: spiral(150), test: spiral(150) },
  epochs: 40,
  batchSize: 32,
}))

/** Points on three arms of a spiral, [count, 2], and which arm each lies on, [count, 3]. Replace it by your own data. */
function spiral(count: number) {
  const points: [number, number][] = []
  const arms: number[] = []
  for (let index = 0; index < count; index++) {
    const arm = index % 3
    const radius = Math.random()
    const angle = 4 * radius + (arm * 2 * Math.PI) / 3 + 0.2 * (Math.random() - 0.5)
    points.push([2 * radius * Math.cos(angle), 2 * radius * Math.sin(angle)])
    arms.push(arm)
  }
  return { inputs: tf.tensor2d(points), targets: tf.oneHot(tf.tensor1d(arms, 'int32'), 3) }
}
`
