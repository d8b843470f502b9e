import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { loadOptimizerTensors, optimizerTensors } from './optimizer-tensors.js'

const OPTIMIZERS: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  nesterov: () => tf.train.momentum(0.1, 0.9, true),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.5),
  'centered rmsprop': () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-3, true),
  adam: () => tf.train.adam(0.05, 0.5, 0.999),
  adamax: () => tf.train.adamax(0.05, 0.9, 0.99, 1e-8, 0.01),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(1, 0.9),
}

/** Steps of a loss with two variables, one of which gets its values from the step number. */
function train(optimizer: tf.Optimizer, weights: tf.Variable[], from: number, to: number): void {
  const [a, b] = weights as [tf.Variable, tf.Variable]
  for (let step = from + 1; step <= to; step++) {
    optimizer.minimize(
      () => {
        const target = tf.sin(tf.mul(tf.range(0, 6), step))
        return tf.sum<tf.Scalar>(tf.square(tf.sub(tf.reshape(tf.mul(tf.square(a), b), [6]), target)))
      },
      false,
      weights,
    )
  }
}

function makeWeights(values?: { a: number[]; b: number[] }): tf.Variable[] {
  const { a = [0.5, -0.3, 0.8, 1.1, -0.7, 0.2], b = [0.9, -1.2, 0.4] } = values ?? {}
  return tf.tidy(() => [tf.variable(tf.tensor(a, [2, 3])), tf.variable(tf.tensor(b, [1, 3]))])
}

const valuesOf = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()])

describe.each(Object.entries(OPTIMIZERS))('%s', (_, make) => {
  test('continues bit for bit after 7 of 12 steps', () => {
    const weights = makeWeights()
    const optimizer = make()
    train(optimizer, weights, 0, 7)
    const [a, b] = valuesOf(weights) as [number[], number[]]
    const saved = optimizerTensors(optimizer)
    train(optimizer, weights, 7, 12)

    const resumedWeights = makeWeights({ a, b })
    const resumed = make()
    loadOptimizerTensors(resumed, saved)
    expect(resumed.iterations).toBe(7)
    train(resumed, resumedWeights, 7, 12)

    expect(valuesOf(resumedWeights)).toEqual(valuesOf(weights))
    const [left, right] = [optimizerTensors(resumed), optimizerTensors(optimizer)]
    expect(valuesOf(Object.values(left))).toEqual(valuesOf(Object.values(right)))
    tf.dispose([weights, resumedWeights, Object.values({ ...saved, ...left, ...right })])
  })

  test('loads the state before the first step over a used optimizer', () => {
    const fresh = make()
    const saved = optimizerTensors(fresh)
    const used = make()
    const scratch = makeWeights()
    train(used, scratch, 0, 3)
    loadOptimizerTensors(used, saved)

    const [weights, reusedWeights] = [makeWeights(), makeWeights()]
    train(fresh, weights, 0, 4)
    train(used, reusedWeights, 0, 4)
    expect(valuesOf(reusedWeights)).toEqual(valuesOf(weights))
    tf.dispose([scratch, weights, reusedWeights, Object.values(saved)])
  })

  test('saving and loading leave no tensor behind', async () => {
    const weights = makeWeights()
    const [optimizer, other] = [make(), make()]
    train(optimizer, weights, 0, 2)
    train(other, weights, 0, 2)
    const copyState = () => {
      const saved = optimizerTensors(optimizer)
      loadOptimizerTensors(other, saved)
      tf.dispose(saved)
    }
    copyState() // From now on the values are shared: as many buffers before as after.
    await expectNoTensorLeak(copyState)
    await expectNoTensorLeak(() => optimizerTensors(optimizer))
    tf.dispose(weights)
  })
})

describe('optimizerTensors', () => {
  test('are snapshots that later steps do not change', () => {
    const weights = makeWeights()
    const optimizer = tf.train.adam(0.1)
    train(optimizer, weights, 0, 1)
    const saved = Object.values(optimizerTensors(optimizer))
    const before = valuesOf(saved)
    train(optimizer, weights, 1, 3)
    expect(valuesOf(saved)).toEqual(before)
  })

  test('have the names of fields, positions and variables', () => {
    const weights = tf.tidy(() => [
      tf.variable(tf.ones([2, 3]), true, 'layer/kernel'),
      tf.variable(tf.ones([1, 3])),
    ])
    const optimizer = tf.train.adam(0.1)
    train(optimizer, weights, 0, 2)
    const saved = optimizerTensors(optimizer)
    expect(Object.keys(saved).slice(0, 4)).toEqual([
      'iterations',
      'accBeta1',
      'accBeta2',
      'accumulatedFirstMoment/0/layer/kernel/m',
    ])
    expect(saved.iterations?.dtype).toBe('int32')
  })

  test('the product of betas is kept, not computed anew', () => {
    const weights = makeWeights()
    const optimizer = tf.train.adam(0.1, 0.9, 0.999)
    train(optimizer, weights, 0, 7)
    let product = Math.fround(0.999)
    for (let step = 0; step < 7; step++) product = Math.fround(product * Math.fround(0.999))
    expect(optimizerTensors(optimizer).accBeta2?.dataSync()[0]).toBe(product)
    expect(product).not.toBe(Math.fround(0.999 ** 8))
  })

  test('refuses an optimizer of another class', () => {
    class Other extends tf.Optimizer {
      static readonly className = 'Other'
      applyGradients() {}
      getConfig() {
        return {}
      }
    }
    expect(() => optimizerTensors(new Other())).toThrow(
      'optimizerTensors: expected a chain or an optimizer of SGD, Momentum, Adagrad, Adadelta, RMSProp, Adam, Adamax, got Other.',
    )
  })
})

describe('loadOptimizerTensors', () => {
  const advice = 'Use the optimizer and the settings that the tensors were saved with.'

  test('refuses tensors of another class', () => {
    const weights = makeWeights()
    const momentum = tf.train.momentum(0.1, 0.9)
    train(momentum, weights, 0, 1)
    expect(() => loadOptimizerTensors(tf.train.adam(0.1), optimizerTensors(momentum))).toThrow(
      'loadOptimizerTensors: expected tensors of accumulatedFirstMoment, accumulatedSecondMoment for Adam, ' +
        `got accumulations/0/${weights[0]?.name}/momentum. ${advice}`,
    )
  })

  test('refuses tensors without the scalars, and changes nothing', () => {
    const adam = tf.train.adam(0.1)
    expect(() => loadOptimizerTensors(adam, { iterations: tf.scalar(3, 'int32') })).toThrow(
      `loadOptimizerTensors: expected a scalar "accBeta1" of type float32 for Adam, got iterations. ${advice}`,
    )
    expect(adam.iterations).toBe(0)
  })

  test('refuses a list of moments with a hole', () => {
    const saved = { iterations: tf.scalar(1, 'int32'), 'accumulations/1/x/momentum': tf.ones([2]) }
    expect(() => loadOptimizerTensors(tf.train.momentum(0.1, 0.9), saved)).toThrow(
      `loadOptimizerTensors: expected accumulations/0 to accumulations/1 for Momentum, got 1. ${advice}`,
    )
  })

  test('refuses moments of different shapes', () => {
    const weights = makeWeights()
    const adam = tf.train.adam(0.1)
    train(adam, weights, 0, 1)
    const saved = optimizerTensors(adam)
    const name = Object.keys(saved).find((key) => key.startsWith('accumulatedSecondMoment/1')) as string
    saved[name] = tf.ones([3, 3])
    expect(() => loadOptimizerTensors(tf.train.adam(0.1), saved)).toThrow(
      'expected as many tensors of the same shapes in each of accumulatedFirstMoment, accumulatedSecondMoment for Adam',
    )
  })
})
