import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { earlyStop, Monitor, monitorCallback, reduceOnPlateau, stopOnNaN } from '../index.js'

const x = tf.randomNormal([12, 3], 0, 1, 'float32', 1)
const y = tf.randomNormal([12, 1], 0, 1, 'float32', 2)

function network(optimizer: tf.Optimizer): LayersModel {
  const kernelInitializer = initializers.glorotUniform({ seed: 3 })
  const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [3], kernelInitializer })] })
  model.compile({ optimizer, loss: 'meanSquaredError' })
  return model
}

const weightsOf = (model: LayersModel) => model.getWeights().flatMap((weight) => [...weight.dataSync()])

describe('stopOnNaN', () => {
  test('ends fit and goes back to weights that were good', async () => {
    await expectNoTensorLeak(async () => {
      const model = network(tf.train.sgd(0.1))
      const broken = tf.tidy(() => tf.where(tf.less(tf.reshape(tf.range(0, 12), [12, 1]), 8), x, Number.NaN))
      const monitor = new Monitor({ every: 1, sinks: [], actions: [stopOnNaN()] })
      const callbacks = monitorCallback(monitor)
      const history = await model.fit(broken, y, {
        batchSize: 4,
        epochs: 5,
        shuffle: false,
        verbose: 0,
        callbacks,
      })
      expect(monitor.stopped).toMatch(/^NaN appears first in the inputs of the batch/)
      expect([history.epoch.length, monitor.steps]).toEqual([1, 3])

      const expected = network(tf.train.sgd(0.1))
      const good = tf.slice(x, 0, 8)
      const goodTargets = tf.slice(y, 0, 8)
      await expected.fit(good, goodTargets, { batchSize: 4, epochs: 1, shuffle: false, verbose: 0 })
      expect(weightsOf(model)).toEqual(weightsOf(expected))
      await monitor.dispose()
      model.dispose()
      expected.dispose()
      for (const { optimizer } of [model, expected]) optimizer.dispose()
      tf.dispose([broken, good, goodTargets])
    })
  })

  /** The weights before the first update and after each of those that leave them finite, without a monitor. */
  async function finiteWeights(optimizer: tf.Optimizer, steps: number): Promise<number[][]> {
    const model = network(optimizer)
    const all = [weightsOf(model)]
    for (let step = 0; step < steps; step++) {
      await model.trainOnBatch(x, y)
      all.push(weightsOf(model))
    }
    return all.filter((weights) => weights.every(Number.isFinite))
  }

  test.each([
    ['in the second', 1e20, 2],
    ['in the first', 3e38, 1],
  ])('puts back the last weights whose update was finite, when they overflow %s', async (_, rate, steps) => {
    const expected = (await finiteWeights(tf.train.sgd(rate), steps)).at(-1)!
    const model = network(tf.train.sgd(rate))
    const monitor = new Monitor({ sinks: [], actions: [stopOnNaN()] })
    const callbacks = monitorCallback(monitor)
    await model.fit(x, y, { batchSize: 12, epochs: 40, verbose: 0, shuffle: false, callbacks })
    expect(monitor.stopped).toMatch(/appears first in/)
    expect(weightsOf(model)).toEqual(expected)
  })

  test('keeps the weights of a step between two looks', async () => {
    const variable = tf.tidy(() => tf.variable(tf.scalar(0)))
    const optimizer = tf.train.sgd(1)
    const monitor = new Monitor({ sinks: [], actions: [stopOnNaN()] })
    monitor.attach({ variables: [variable], optimizer })
    for (let step = 1; step <= 20; step++) {
      optimizer.minimize(() => tf.mul(variable, step < 13 ? -1 : Number.NaN) as tf.Scalar)
      await monitor.step()
    }
    expect(monitor.findings.map(({ rule, step }) => [rule, step])).toContainEqual(['non-finite', 13])
    expect(variable.dataSync()[0]).toBe(12)
    await monitor.dispose()
    variable.dispose()
  })

  test('knows the variables that only the optimizer knows before their first update', async () => {
    await expectNoTensorLeak(async () => {
      const [one, other] = tf.tidy(() => [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.scalar(3))])
      const optimizer = tf.train.sgd(1)
      const monitor = new Monitor({ sinks: [], actions: [stopOnNaN()] })
      monitor.watch(optimizer)
      tf.tidy(() => {
        optimizer.minimize(() => tf.add(tf.sum(tf.mul(one, 3e38)), tf.mul(other, 3e38)) as tf.Scalar)
        optimizer.minimize(() => tf.add(tf.sum(tf.mul(one, 3e38)), tf.mul(other, 1)) as tf.Scalar)
        optimizer.minimize(() => tf.mul(other, Number.NaN) as tf.Scalar)
      })
      await monitor.settled()
      // The first update is finite, the second overflows in one of them: both go back together.
      expect([...one.dataSync(), other.dataSync()[0]]).toEqual(Array(3).fill(Math.fround(-3e38)))
      await monitor.dispose()
      tf.dispose([one, other, optimizer as unknown as tf.Tensor])
    })
  })

  test('calls a function that puts back a checkpoint', async () => {
    let restored = 0
    const monitor = new Monitor({ sinks: [], actions: [stopOnNaN({ restore: () => void restored++ })] })
    await monitor.step({ loss: 1 })
    expect(monitor.stopped).toBeUndefined()
    await monitor.step({ loss: Number.NaN })
    expect(monitor.stopped).toBe(
      'NaN appears first in the loss (loss), with finite inputs, weights and layers as far as they were looked at; it was 1 before.',
    )
    expect(restored).toBe(1)
  })
})

describe('reduceOnPlateau', () => {
  test.each([
    ['adam', () => tf.train.adam(0.1)],
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
  ] as const)('changes the size of the next updates of %s', async (name, make) => {
    const optimizer = make()
    const variable = tf.variable(tf.scalar(0))
    const monitor = new Monitor({ sinks: [], actions: [reduceOnPlateau({ factor: 0.5, patience: 20 })] })
    monitor.attach({ optimizer, variables: [variable] })
    const sizes: number[] = []
    for (let step = 1; step <= 41; step++) {
      const before = variable.dataSync()[0]!
      // A slope of 1, so that updates differ by the learning rate only.
      optimizer.minimize(() => tf.add<tf.Scalar>(variable, tf.sub(1, variable.dataSync()[0]!)))
      sizes.push(before - variable.dataSync()[0]!)
      await monitor.step()
    }
    const { learningRate } = optimizer as unknown as { learningRate: number }
    expect(learningRate).toBeCloseTo(0.05, 10)
    // Momentum follows with a delay.
    expect(sizes.at(-1)! / sizes[18]!).toBeLessThan(0.8)
    if (name !== 'momentum') expect(sizes.at(-1)! / sizes[18]!).toBeCloseTo(0.5, 2)
  })

  test('leaves a loss that falls alone', async () => {
    const optimizer = tf.train.sgd(0.1)
    const monitor = new Monitor({ sinks: [], actions: [reduceOnPlateau({ patience: 20 })] })
    monitor.attach({ optimizer })
    for (let step = 1; step <= 200; step++) await monitor.step({ loss: 100 * 0.97 ** step })
    expect((optimizer as unknown as { learningRate: number }).learningRate).toBe(0.1)
    expect(() => reduceOnPlateau({ factor: 2 })).toThrow(
      'reduceOnPlateau: expected factor between 0 and 1, got 2. Try 0.3.',
    )
  })
})

test('earlyStop ends the training and puts the weights of the best validation back', async () => {
  await expectNoTensorLeak(async () => {
    const variable = tf.tidy(() => tf.variable(tf.scalar(0)))
    const monitor = new Monitor({ sinks: [], actions: [earlyStop({ patience: 2 })] })
    monitor.attach({ variables: [variable] })
    for (const [value, loss] of [
      [1, 3],
      [2, 1],
      [3, 2],
      [4, 1.5],
    ] as const) {
      tf.tidy(() => variable.assign(tf.scalar(value)))
      expect(monitor.stopped).toBeUndefined()
      await monitor.step({ loss: 1 })
      await monitor.validation({ loss })
    }
    expect(monitor.stopped).toBe(
      'The validation loss has not been below 1 for 2 validations; the weights are those of step 2.',
    )
    expect(variable.dataSync()[0]).toBe(2)
    await monitor.dispose()
    variable.dispose()
  })
})

test('an action of your own sees findings and readings', async () => {
  const seen: string[] = []
  const action = {
    onFinding: ({ rule }: { rule: string }) => void seen.push(rule),
    onReading: ({ step }: { step: number }) => void seen.push(`reading ${step}`),
  }
  const monitor = new Monitor({ sinks: [], actions: [action] })
  await monitor.step({ loss: Number.NaN })
  expect(seen).toEqual(['non-finite', 'reading 1'])
})
