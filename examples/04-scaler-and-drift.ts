// A model in production: its scaler is saved with it, scales what comes in, and says when that has changed.
//   npm run example examples/04-scaler-and-drift.ts
import { useEngine } from '@dlkit/engine'
import { driftTable, StandardScaler, scalerFromJSON } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const features = ['temperature', 'pressure']

/** Rows of a machine each: °C and kPa. */
const machines = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) => [
    60 + 10 * Math.sin(1.7 * (from + i)) + ((from + i) % 7),
    300 + 40 * Math.cos(0.9 * (from + i)),
  ])
const wear = ([temperature, pressure]: number[]) => 0.05 * temperature! + 0.01 * pressure!

await useEngine()
const train = machines(400, 0)
const scaler = await new StandardScaler({ features }).fit(train) // statistics of the training data, once
const model = sequential({
  layers: [layers.dense({ units: 8, activation: 'relu', inputShape: [2] }), layers.dense({ units: 1 })],
})
model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' })
const inputs = scaler.transform(tf.tensor2d(train))
await model.fit(inputs, tf.tensor2d(train.map((machine) => [wear(machine)])), { epochs: 60, verbose: 0 })

// What a server gets: weights, and the scaler as JSON. It cannot be fitted again by mistake.
const served = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
const [today] = machines(1, 1000)
const prediction = model.predict(served.transform(tf.tensor2d([today!]))) as tf.Tensor
console.log(`wear ${prediction.dataSync()[0]!.toFixed(1)}, right is ${wear(today!).toFixed(1)}`)

// Week by week: does what comes in still look like the training data?
const week1 = machines(300, 2000)
const week2 = week1.map(([temperature, pressure]) => [temperature! * 1.8 + 32, pressure!]) // now in °F
for (const [name, live] of Object.entries({ week1, week2 })) {
  console.log(`${name}: ${driftTable(await served.compare(live))}\n`)
}
