import { Monitor, monitorCallback, type Reading } from '@dlkit/monitors'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'

interface Watched {
  readings: Reading[]
  findings: unknown[]
  calls: number
}

/** What a monitor says of a training on the onnxruntime engine, and how often a layer was called. */
async function watched(replay: 'known' | 'none', learningRate = 0.01): Promise<Watched> {
  await useOnnxRuntime({ threads: 1, replay })
  const initializer = (seed: number) => tfl.initializers.glorotNormal({ seed })
  const hidden = tfl.layers.dense({
    name: 'hidden',
    units: 6,
    activation: 'relu',
    inputShape: [4],
    kernelInitializer: initializer(1),
    kernelRegularizer: 'l1l2',
  })
  const model = tfl.sequential({
    layers: [hidden, tfl.layers.dense({ name: 'output', units: 2, kernelInitializer: initializer(2) })],
  })
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'meanSquaredError' })
  const x = tf.randomNormal([24, 4], 0, 1, 'float32', 3)
  const y = tf.randomNormal([24, 2], 0, 1, 'float32', 4)
  const readings: Reading[] = []
  const monitor = new Monitor({ every: 10, sinks: [{ reading: (reading) => void readings.push(reading) }] })
  const original = hidden.call
  let calls = 0
  Object.getPrototypeOf(hidden).call = function (...args: Parameters<typeof original>) {
    calls++
    return original.apply(this, args)
  }
  try {
    const validation = { validationData: [x, y] as [tf.Tensor, tf.Tensor] }
    const fit = { epochs: 5, batchSize: 4, shuffle: false, verbose: 0, ...validation }
    await model.fit(x, y, { ...fit, callbacks: monitorCallback(monitor) })
  } finally {
    Object.getPrototypeOf(hidden).call = original
  }
  const { findings } = monitor
  await monitor.dispose()
  tf.dispose([x, y])
  model.dispose()
  return { readings, findings, calls }
}

test('a monitor sees the same where steps of fit are replayed', async () => {
  const [replayed, called] = [await watched('known'), await watched('none')]
  expect(replayed.readings.length).toBeGreaterThan(4)
  const steps = replayed.readings.flatMap(({ losses }) => losses.map(({ step }) => step))
  expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  expect(JSON.parse(JSON.stringify(replayed.readings))).toEqual(JSON.parse(JSON.stringify(called.readings)))
  expect(replayed.findings).toEqual(called.findings)
  expect(replayed.calls).toBeLessThan(called.calls / 2)
})

test('a monitor finds that a training diverges where steps of fit are replayed', async () => {
  const { findings } = await watched('known', 1e18)
  expect(findings).toEqual((await watched('none', 1e18)).findings)
  expect(findings.length).toBeGreaterThan(0)
})

test('monitors that are gone leave engines alone', () => {
  const watches = (globalThis as Record<symbol, unknown>)[Symbol.for('dlkit.stepWatches')]
  expect(watches).toEqual(new Set())
})
