// A page that trains a network with a fault, in a browser. Bundled by browser.test.ts.
import '@tensorflow/tfjs-backend-webgl'
import * as tf from '@tensorflow/tfjs-core'
import { Monitor, memorySink, monitorCallback, panelSink } from '../src/index.js'
import { scaled, stripes } from './data.js'
import { cnn } from './networks.js'

interface Page {
  document: { getElementById(id: string): { innerHTML: string } | null }
  result?: unknown
}

const page = globalThis as unknown as Page

async function run() {
  await tf.setBackend('webgl')
  const data = scaled(stripes(), 100, 128)
  const model = cnn()
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' })
  await model.fit(data.x, data.y, { batchSize: 16, epochs: 1, verbose: 0 }) // warms the shaders up
  const before = tf.memory().numTensors
  const memory = memorySink()
  const panel = panelSink(page.document.getElementById('monitor')!)
  const monitor = new Monitor({ sinks: [panel, memory] })
  await model.fit(data.x, data.y, {
    batchSize: 16,
    epochs: 5,
    verbose: 0,
    callbacks: monitorCallback(monitor),
  })
  await monitor.dispose()
  page.result = {
    backend: tf.getBackend(),
    leaked: tf.memory().numTensors - before,
    steps: monitor.steps,
    rules: monitor.findings.map(({ rule }) => rule),
    layers: memory.readings.at(-2)?.layers.map(({ name }) => name),
  }
}

run().catch((error: unknown) => {
  page.result = { error: String(error) }
})
