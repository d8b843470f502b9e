import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, regularizers, sequential } from '@tensorflow/tfjs-layers'
import { describe, expect, test, vi } from 'vitest'
import { leafLayers, lossFunctionsOf } from './attach/hook-model.js'
import { Monitor, type MonitorState, memorySink, monitorCallback } from './index.js'

const x = tf.randomNormal([6, 3], 0, 1, 'float32', 1)
const y = tf.randomNormal([6, 2], 0, 1, 'float32', 2)

/** The same network with the same weights each time. */
function network({ l2 = 0 } = {}): LayersModel {
  const init = (seed: number) => initializers.glorotUniform({ seed })
  return sequential({
    layers: [
      layers.dense({
        units: 4,
        activation: 'tanh',
        inputShape: [3],
        kernelInitializer: init(1),
        name: 'first',
        ...(l2 > 0 && { kernelRegularizer: regularizers.l2({ l2 }) }),
      }),
      layers.dense({ units: 2, kernelInitializer: init(2), name: 'second' }),
    ],
  })
}

const squaredError = (model: LayersModel) => () =>
  tf.mean<tf.Scalar>(tf.square(tf.sub(model.apply(x, { training: true }) as tf.Tensor, y)))

const values = (model: LayersModel) => model.getWeights().map((weight) => [...weight.dataSync()])

const optimizers: [string, () => tf.Optimizer][] = [
  ['sgd', () => tf.train.sgd(0.1)],
  ['momentum', () => tf.train.momentum(0.1, 0.9)],
  ['rmsprop', () => tf.train.rmsprop(0.01)],
  ['adam', () => tf.train.adam(0.01)],
  ['adamax', () => tf.train.adamax(0.01)],
  ['adagrad', () => tf.train.adagrad(0.1)],
  ['adadelta', () => tf.train.adadelta(0.5)],
]

describe('a monitor', () => {
  test('sees the same in fit, in minimize and in a loop of its own', async () => {
    const steps = 3
    const sinks = [memorySink(), memorySink(), memorySink()] as const

    const fitted = network()
    fitted.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' })
    const monitor = new Monitor({ every: 1, sinks: [sinks[0]] })
    const options = {
      epochs: steps,
      batchSize: 6,
      verbose: 0,
      shuffle: false,
      callbacks: monitorCallback(monitor),
    }
    await fitted.fit(x, y, options)

    const minimized = network()
    const optimizer = tf.train.sgd(0.1)
    const watching = new Monitor({ every: 1, sinks: [sinks[1]] })
    watching.watch(optimizer, { model: minimized })
    for (let step = 0; step < steps; step++) optimizer.minimize(squaredError(minimized))
    await watching.settled()

    const looped = network()
    const own = new Monitor({ every: 1, sinks: [sinks[2]] })
    own.attach({ model: looped })
    for (let step = 0; step < steps; step++) {
      const { value, grads } = tf.variableGrads(squaredError(looped))
      for (const [name, gradient] of Object.entries(grads)) {
        const variable = tf.engine().registeredVariables[name]!
        variable.assign(tf.sub(variable, tf.mul(gradient, 0.1)))
      }
      await own.step({ loss: value, gradients: grads })
    }

    const seen = sinks.map(({ readings }) =>
      readings.map(({ step, losses, variables, layers: outputs }) => ({
        step,
        loss: losses[0]!.values.loss?.toFixed(5),
        variables: variables.map(({ name, gradient, weight, updateNorm }) => [
          name,
          gradient !== undefined && gradient !== 'missing' && gradient.norm.toFixed(5),
          weight?.norm.toFixed(5),
          updateNorm?.toFixed(5),
        ]),
        outputs: outputs.map(({ name, activation, output, summary }) => [
          name,
          activation,
          output,
          summary.mean.toFixed(5),
        ]),
      })),
    )
    expect(seen[0]).toHaveLength(steps)
    expect(seen[0]![0]!.variables[0]).toEqual([
      'first/kernel',
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ])
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  test.each(optimizers)('leaves the updates of %s as they are, bit for bit', async (_, make) => {
    const bare = network()
    const watched = network()
    const [one, other] = [make(), make()]
    const monitor = new Monitor({ every: 1, sinks: [memorySink()] })
    monitor.watch(other, { model: watched })
    for (let step = 0; step < 5; step++) {
      one.minimize(squaredError(bare))
      other.minimize(squaredError(watched))
    }
    await monitor.dispose()
    expect(values(watched)).toEqual(values(bare))
  })

  test('leaves fit as it is, bit for bit', async () => {
    const [bare, watched] = [network({ l2: 0.01 }), network({ l2: 0.01 })]
    const monitor = new Monitor({ every: 2, sinks: [] })
    const options = { epochs: 3, batchSize: 4, verbose: 0, shuffle: false }
    const histories = []
    for (const [model, callbacks] of [[bare], [watched, monitorCallback(monitor)]] as const) {
      model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError', metrics: ['mae'] })
      const history = await model.fit(x, y, {
        ...options,
        validationData: [x, y],
        ...(callbacks && { callbacks }),
      })
      histories.push(history.history)
    }
    expect(values(watched)).toEqual(values(bare))
    expect(histories[1]).toEqual(histories[0])
  })

  test('leaves no tensor, wrapped method or loss function behind', async () => {
    const model = network()
    const optimizer = tf.train.sgd(0.1)
    model.compile({ optimizer, loss: 'meanSquaredError' })
    const lossFunctions = [...lossFunctionsOf(model)]
    expect(lossFunctions).toHaveLength(1)
    optimizer.minimize(squaredError(model)) // tfjs makes a counter at the first update
    const names = () => [optimizer, ...leafLayers(model)].map((object) => Object.getOwnPropertyNames(object))
    const before = names()
    await expectNoTensorLeak(async () => {
      const monitor = new Monitor({ every: 1, sinks: [{ histograms: true }] })
      const detach = monitor.attach({ model, optimizer })
      expect(names()).not.toEqual(before)
      for (let step = 0; step < 4; step++) {
        optimizer.minimize(squaredError(model))
        await monitor.step({ inputs: x, targets: y, outputs: y, scores: { real: x, fake: y } })
      }
      optimizer.minimize(squaredError(model))
      detach()
      detach()
      expect(names()).toEqual(before)
      await monitor.dispose()
    })
    const monitor = new Monitor({ every: 3, sinks: [] })
    await expectNoTensorLeak(async () => {
      await model.fit(x, y, { epochs: 4, batchSize: 3, verbose: 0, callbacks: monitorCallback(monitor) })
      await monitor.dispose()
    })
    expect(names()).toEqual(before)
    expect(lossFunctionsOf(model)).toEqual(lossFunctions)
  })

  test('passes calls through a wrapper that somebody has wrapped since', async () => {
    const [model, optimizer] = [network(), tf.train.sgd(0.1)]
    const monitor = new Monitor({ every: 1, sinks: [] })
    const detach = monitor.watch(optimizer, { model })
    const inner = optimizer.applyGradients
    optimizer.applyGradients = (gradients) => inner.call(optimizer, gradients)
    detach()
    const before = values(model)
    optimizer.minimize(squaredError(model))
    expect(monitor.steps).toBe(0)
    expect(values(model)).not.toEqual(before)
    await monitor.dispose()
  })

  test('looks at every 10th step and at the first, takes losses at every one, and looks when asked', async () => {
    const sink = memorySink()
    const monitor = new Monitor({ sinks: [sink], every: { activations: 15 } })
    const [model, optimizer] = [network(), tf.train.sgd(0.1)]
    monitor.watch(optimizer, { model })
    for (let step = 1; step <= 32; step++) {
      if (step === 13) monitor.look()
      optimizer.minimize(squaredError(model))
    }
    await monitor.dispose()
    const steps = (when: (reading: (typeof sink.readings)[number]) => boolean) =>
      sink.readings.filter(when).map(({ step }) => step)
    expect(steps(({ variables }) => variables.some(({ gradient }) => gradient))).toEqual([1, 10, 13, 20, 30])
    expect(steps(({ layers: outputs }) => outputs.length > 0)).toEqual([1, 13, 15, 30])
    expect(sink.readings.flatMap(({ losses }) => losses.map(({ step }) => step))).toEqual(
      Array.from({ length: 32 }, (_, index) => index + 1),
    )
  })

  test('tells the penalty of fit from the loss of the data, in training and in validation', async () => {
    const sink = memorySink()
    const monitor = new Monitor({ every: 1, sinks: [sink] })
    const model = network({ l2: 0.5 })
    model.compile({ optimizer: tf.train.sgd(1e-9), loss: 'meanSquaredError' })
    const kernel = model.getWeights()[0]!
    const expected = 0.5 * tf.sum(tf.square(kernel)).dataSync()[0]!
    const callbacks = monitorCallback(monitor)
    await model.fit(x, y, { epochs: 1, batchSize: 6, verbose: 0, validationData: [x, y], callbacks })
    const [first, ...others] = sink.readings
    expect(first!.losses[0]!.values.penalty).toBeCloseTo(expected, 4)
    const { validation } = others.at(-1)!
    expect(validation).toMatchObject({ step: 1, samples: 6 })
    expect(validation!.loss).toBeCloseTo(first!.losses[0]!.values.dataLoss!, 4)
  })

  test('goes on when sinks fail, and says so once for each', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const sink = memorySink()
    const fails = () => {
      throw new Error('disk full')
    }
    const monitor = new Monitor({
      every: 1,
      sinks: [{ reading: fails, finding: fails, close: fails }, { reading: async () => fails() }, sink],
    })
    for (let step = 0; step < 3; step++) await monitor.step({ loss: Number.NaN })
    await monitor.dispose()
    expect(sink.readings).toHaveLength(3)
    expect(sink.findings).toEqual(monitor.findings)
    expect(warn.mock.calls).toEqual([
      ['Monitor: a sink failed, training goes on: disk full'],
      ['Monitor: a sink failed, training goes on: disk full'],
    ])
    warn.mockRestore()
  })

  test('throws what onFinding throws, in the step or when it is settled', async () => {
    const onFinding = () => {
      throw new Error('mine')
    }
    const monitor = new Monitor({ sinks: [], onFinding })
    await expect(monitor.step({ loss: Number.NaN })).rejects.toThrow('mine')
    await expect(monitor.settled()).rejects.toThrow('mine')
    await monitor.settled()
  })

  test('continues from its state with the findings of an uninterrupted run', async () => {
    const losses = (step: number) => (step < 60 ? 1 / step : 5 + Math.sin(step))
    const straight = new Monitor({ sinks: [] })
    for (let step = 1; step <= 100; step++) await straight.step({ loss: losses(step) })
    const stopped = new Monitor({ sinks: [] })
    for (let step = 1; step <= 67; step++) await stopped.step({ loss: losses(step) })
    const state = JSON.parse(JSON.stringify(stopped.state())) as MonitorState
    const resumed = new Monitor({ sinks: [] })
    resumed.restore(state)
    for (let step = 68; step <= 100; step++) await resumed.step({ loss: losses(step) })
    expect(straight.findings.map(({ rule }) => rule)).toContain('loss-diverging')
    expect([...stopped.findings, ...resumed.findings]).toEqual(straight.findings)
    expect(resumed.state()).toEqual(straight.state())
  })

  test('refuses what it cannot use, and says what to do', () => {
    expect(() => new Monitor({ every: 0 })).toThrow(
      'Monitor: expected every.gradients to be a positive integer, got 0. Try 10.',
    )
    expect(() => new Monitor({ rules: { 'dead-unit': false } })).toThrow(
      /^Monitor: expected rules to name a known rule, got "dead-unit". Known: non-finite, /,
    )
    expect(() => new Monitor({ rules: { 'dead-units': { shares: 1 } } })).toThrow(
      'Monitor: expected a threshold of dead-units, got "shares". Known: active, share, rows, readings.',
    )
    const monitor = new Monitor({ sinks: [] })
    expect(() => monitor.attach({})).toThrow(
      'Monitor.attach: expected a model, an optimizer or variables, got none of them. Pass { model, optimizer }.',
    )
    monitor.attach({ optimizer: tf.train.sgd(1) })
    expect(() => monitor.attach({ optimizer: tf.train.sgd(1) })).toThrow(/a second one without a name/)
    expect(() => monitor.step({ loss: y as unknown as tf.Scalar })).toThrow(
      /^Monitor.step: expected loss to be a number or a scalar/,
    )
    expect(() => monitor.restore({} as MonitorState)).toThrow(
      'Monitor.restore: expected a state of kind "monitor" and version 2, got kind undefined and version undefined. Pass what state() returned.',
    )
  })
})

test('a rule can be switched off, changed and added', async () => {
  const quiet = new Monitor({ sinks: [], rules: { 'non-finite': false } })
  await quiet.step({ loss: Number.NaN })
  expect(quiet.findings).toEqual([])
  const strict = new Monitor({ sinks: [], rules: { 'loss-not-decreasing': { patience: 25 } } })
  for (let step = 0; step < 30; step++) await strict.step({ loss: 1 })
  await strict.settled()
  expect(strict.findings.map(({ rule, step }) => [rule, step])).toEqual([['loss-not-decreasing', 25]])
})
