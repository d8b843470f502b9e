import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import {
  CustomCallback,
  callbacks,
  initializers,
  input,
  type LayersModel,
  layers,
  model,
  regularizers,
  sequential,
} from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { GradientMonitor } from './gradient-monitor.js'
import { LossMonitor } from './loss-monitor.js'
import { monitorCallback } from './monitor-callback.js'
import { watchOptimizer } from './watch-optimizer.js'

const x = tf.randomNormal([6, 3], 0, 1, 'float32', 1)
const y = tf.randomNormal([6, 2], 0, 1, 'float32', 2)
const rate = 0.1

/** The same network with the same weights each time. */
function network(): LayersModel {
  const init = (seed: number) => initializers.glorotUniform({ seed })
  return sequential({
    layers: [
      layers.dense({ units: 4, activation: 'tanh', inputShape: [3], kernelInitializer: init(1) }),
      layers.dense({ units: 2, kernelInitializer: init(2) }),
    ],
  })
}

function compiled(learningRate = rate): LayersModel {
  const net = network()
  net.compile({ optimizer: tf.train.sgd(learningRate), loss: 'meanSquaredError' })
  return net
}

const squaredError = (net: LayersModel) => () =>
  tf.mean<tf.Scalar>(tf.square(tf.sub(net.apply(x, { training: true }) as tf.Tensor, y)))

/** A monitor that keeps what it saw: the global norm and the norms of the variables of each step. */
class Recording extends GradientMonitor {
  readonly seen: number[][] = []

  override async observe(...args: Parameters<GradientMonitor['observe']>) {
    const report = await super.observe(...args)
    if (report) {
      this.seen.push([report.step, report.globalNorm, ...report.variables.map(({ norm }) => norm)])
    }
    return report
  }
}

test('fit, minimize and a hand-written loop show the same gradients and losses', async () => {
  const steps = 3

  const fitted = { gradients: new Recording(), losses: new LossMonitor() }
  await compiled().fit(x, y, {
    epochs: steps,
    batchSize: 6,
    verbose: 0,
    callbacks: monitorCallback(fitted),
  })

  const minimized = { gradients: new Recording(), losses: new LossMonitor() }
  const trained = network()
  const trainable = trained.trainableWeights.map((weight) => weight.read() as tf.Variable)
  const optimizer = tf.train.sgd(rate)
  watchOptimizer(optimizer, minimized.gradients)
  for (let step = 1; step <= steps; step++) {
    const value = optimizer.minimize(squaredError(trained), true, trainable) as tf.Scalar
    minimized.losses.observe(step, { loss: (await value.data())[0]! })
  }
  await minimized.gradients.settled()

  const looped = { gradients: new Recording(), losses: new LossMonitor() }
  const net = network()
  const variables = net.trainableWeights.map((weight) => weight.read() as tf.Variable)
  const update = tf.train.sgd(rate)
  for (let step = 1; step <= steps; step++) {
    const { value, grads } = tf.variableGrads(squaredError(net), variables)
    const observed = looped.gradients.observe(step, grads)
    update.applyGradients(grads)
    tf.dispose(grads)
    looped.losses.observe(step, { loss: (await value.data())[0]! })
    await observed
  }

  expect(looped.gradients.seen).toHaveLength(steps)
  expect(looped.gradients.seen.every((row) => row.length === 6 && row.every(Number.isFinite))).toBe(true)
  expect(looped.gradients.seen[1]).not.toEqual(looped.gradients.seen[0])
  const expected = looped.losses.state().losses.loss!.window
  // The loops give the engine different graphs, which it may round differently.
  expectClose(fitted.gradients.seen.flat(), looped.gradients.seen.flat(), { absolute: 1e-6 })
  expectClose(fitted.losses.state().losses.loss!.window, expected, { absolute: 1e-6 })
  expectClose(minimized.gradients.seen.flat(), looped.gradients.seen.flat(), { absolute: 1e-6 })
  expectClose(minimized.losses.state().losses.loss!.window, expected, { absolute: 1e-6 })
})

describe('monitorCallback', () => {
  const options = { batchSize: 2, verbose: 0 } as const

  test('counts steps over epochs, batches and calls of fit, and releases the optimizer', async () => {
    const net = compiled()
    const [gradients, losses] = [new GradientMonitor(), new LossMonitor()]
    const callback = monitorCallback({ gradients, losses })
    await net.fit(x, y, { ...options, epochs: 2, callbacks: callback })
    expect([gradients.step, losses.step]).toEqual([6, 6])
    await net.fit(x, y, { ...options, callbacks: callback })
    expect([gradients.step, losses.step]).toEqual([9, 9])
    expect(Object.hasOwn(net.optimizer, 'applyGradients')).toBe(false)
  })

  test('works in fitDataset and with one monitor only', async () => {
    // fitDataset disposes of its batches.
    const batch = () => ({ xs: tf.clone(x), ys: tf.clone(y) })
    const dataset = {
      size: 2,
      iterator: async () => {
        let left = 2
        return {
          next: async () => (left-- > 0 ? { value: batch(), done: false } : { value: null, done: true }),
        }
      },
    }
    const losses = new LossMonitor()
    const callback = monitorCallback({ losses })
    await compiled().fitDataset(dataset as never, { epochs: 1, verbose: 0, callbacks: callback } as never)
    expect(losses.step).toBe(2)
    const gradients = new GradientMonitor({ every: 2 })
    await compiled().fit(x, y, { ...options, callbacks: monitorCallback({ gradients }) })
    expect([gradients.step, gradients.report?.step]).toEqual([3, 2])
  })

  test('works beside other callbacks, whichever comes first', async () => {
    for (const first of [true, false]) {
      const losses = new LossMonitor()
      const others = [
        callbacks.earlyStopping({ monitor: 'loss', patience: 9 }),
        new CustomCallback({ onBatchEnd: async () => {} }),
      ]
      const mine = monitorCallback({ losses })
      await compiled().fit(x, y, { ...options, callbacks: first ? [mine, ...others] : [...others, mine] })
      expect(losses.step).toBe(3)
    }
  })

  test('stops at the first NaN if asked to, and only then', async () => {
    const run = async (stopOnError: boolean) => {
      const [gradients, losses] = [new GradientMonitor(), new LossMonitor()]
      const callback = monitorCallback({ gradients, losses, stopOnError })
      await compiled(1e20).fit(x, y, { ...options, epochs: 5, callbacks: callback })
      return { steps: losses.step, found: [...gradients.findings, ...losses.findings] }
    }
    const stopped = await run(true)
    expect(stopped.steps).toBe(2)
    expect(stopped.found.map(({ severity }) => severity)).toContain('error')
    const ignored = await run(false)
    expect(ignored.steps).toBe(15)
    expect(ignored.found.length).toBe(new Set(ignored.found.map(({ monitor }) => monitor)).size)
  })

  test('watches the loss of each output and no metric', async () => {
    const source = input({ shape: [3] })
    const heads = ['left', 'right'].map((name) => layers.dense({ units: 2, name }).apply(source))
    const net = model({ inputs: source, outputs: heads as never })
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] })
    const losses = new LossMonitor()
    await net.fit(x, [y, y], { ...options, callbacks: monitorCallback({ losses }) })
    expect(Object.keys(losses.state().losses)).toEqual(['loss', 'left_loss', 'right_loss'])
  })

  test('sees the penalty in the training loss, as the documentation says', async () => {
    const net = sequential({
      layers: [
        layers.dense({
          units: 2,
          inputShape: [3],
          kernelInitializer: 'ones',
          kernelRegularizer: regularizers.l2({ l2: 10 }),
        }),
      ],
    })
    net.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' })
    const losses = new LossMonitor()
    await net.fit(x, y, { ...options, batchSize: 6, callbacks: monitorCallback({ losses }) })
    const error = (await squaredError(net)().data())[0]!
    expect(losses.state().losses.loss!.window[0]).toBeCloseTo(error + 10 * 6, 3)
  })

  test('leaves no tensor behind', async () => {
    const net = compiled()
    await net.fit(x, y, options)
    await expectNoTensorLeak(async () => {
      const callback = monitorCallback({ gradients: new GradientMonitor(), losses: new LossMonitor() })
      await net.fit(x, y, { ...options, callbacks: callback })
    })
  })

  test('an error in onFinding ends fit', async () => {
    const losses = new LossMonitor({
      onFinding: ({ message }) => {
        throw new Error(message)
      },
    })
    const fit = compiled(1e30).fit(x, y, { ...options, epochs: 3, callbacks: monitorCallback({ losses }) })
    await expect(fit).rejects.toThrow(/^loss is (NaN|Infinity)/)
  })
})
