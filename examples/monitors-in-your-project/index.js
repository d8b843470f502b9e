// An ordinary project: it learns to tell three kinds of flowers apart from four measurements, and stays at 33 %.
// The five lines with a plus behind them were added; they print why. Run it with: npm start -w example-monitors-in-your-project
import '@tensorflow/tfjs-backend-cpu'
import { Monitor, monitorCallback } from '@dlkit/monitors' // +
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'

/** Repeatable numbers in [0, 1). */
function random() {
  random.state = (random.state * 16807) % 2147483647
  return random.state / 2147483647
}
random.state = 42

const KINDS = [
  [-1, 1.2, -1.3, -1.2],
  [0.1, -0.8, 0.4, 0.3],
  [0.9, -0.2, 1.1, 1.2],
]

/** Measurements in standard units, and the kind. */
const flowers = Array.from({ length: 900 }, (_, i) => ({
  kind: i % 3,
  measurements: KINDS[i % 3].map((value) => value + random() + random() - 1),
}))

function shuffled(list) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}

export async function train({ fixed = false } = {}) {
  const order = shuffled(flowers)
  const rows = order.map(({ measurements }) => measurements)
  const kinds = fixed ? order.map(({ kind }) => kind) : shuffled(flowers).map(({ kind }) => kind) // the bug

  const x = tf.tensor2d(rows)
  const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(kinds, 'int32'), 3), 'float32'))
  const model = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [4] }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  const monitor = new Monitor({ sinks: [] }) // +
  const callbacks = monitorCallback(monitor) // +
  const history = await model.fit(x, y, { epochs: 6, batchSize: 30, verbose: 0, callbacks }) // + (callbacks)
  console.log(`accuracy ${(100 * history.history.acc.at(-1)).toFixed(0)} %`)
  for (const { message, remedy } of monitor.findings) console.log(`${message}\n  → ${remedy}`) // +
  model.dispose()
  tf.dispose([x, y])
  return monitor.findings
}

console.log('as it is:')
await train()
console.log('\ninputs and labels shuffled together:')
await train({ fixed: true })
