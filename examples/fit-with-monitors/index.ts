// Forecasts a noisy yearly temperature curve twice: on raw inputs, where the monitors say what is wrong, and on
// scaled ones. Run it with: npm start -w example-fit-with-monitors
import { useEngine } from '@dlkit/engine'
import { Monitor, monitorCallback } from '@dlkit/monitors'
import { StandardScaler } from '@dlkit/scaler'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

const WINDOW = 14

/** Kelvin, one value a day: a season, a slow trend and repeatable noise. */
const temperatures = Array.from({ length: 1000 }, (_, day) => {
  const noise = Math.sin(day * 12.9898) * 43758.5453
  return 285 + 11 * Math.sin((2 * Math.PI * day) / 365) + day / 800 + 2 * (noise - Math.floor(noise))
})

function windows(from: number, to: number): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const days = Array.from({ length: to - from - WINDOW }, (_, i) => from + i)
  return {
    x: tf.tensor2d(days.map((day) => temperatures.slice(day, day + WINDOW))),
    y: tf.tensor2d(days.map((day) => [temperatures[day + WINDOW]!])),
  }
}

async function fit(name: string, x: tf.Tensor, y: tf.Tensor, learningRate: number): Promise<number> {
  const model = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'tanh', inputShape: [WINDOW], name: `${name}_hidden` }),
      layers.dense({ units: 1, name: `${name}_out` }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'meanSquaredError' })
  const monitor = new Monitor({ sinks: [] })
  const callbacks = monitorCallback(monitor)
  const history = await model.fit(x, y, { epochs: 15, batchSize: 32, verbose: 0, callbacks })

  for (const { message, remedy } of monitor.findings.slice(0, 1)) {
    console.log(`${name}: ${message}\n  → ${remedy}`)
  }
  model.dispose()
  return (history.history.loss as number[]).at(-1)!
}

await useEngine()
const train = windows(0, 700)
const scaler = await new StandardScaler({ axis: 'all' }).fit(train.x)
const scaled = { x: scaler.transform(train.x), y: scaler.transform(train.y) }

const raw = await fit('raw', train.x, train.y, 0.01)
const better = (await fit('scaled', scaled.x, scaled.y, 0.01)) * scaler.std[0]! ** 2
console.log(`mean squared error in K²: raw inputs ${raw.toFixed(0)}, scaled inputs ${better.toFixed(2)}`)
tf.dispose([train, scaled])
