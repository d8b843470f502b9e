import '@tensorflow/tfjs-layers' // brings the gradients of tfjs-core's operations
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { flush, onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { random, reseed, weights } from './compare-training.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1, cache: { count: 64, bytes: 2 ** 26 } })
  reseed()
  resetOnnxruntimeStats()
})

/** A classifier with Adam, and what it needs for a step on any batch. */
function classifier() {
  const [hidden, output] = [weights([6, 8]), weights([8, 3])]
  const optimizer = tf.train.adam(0.01)
  const update = (x: tf.Tensor, y: tf.Tensor, returnCost: boolean) =>
    optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(y, tf.matMul(tf.relu(tf.matMul(x, hidden)), output)) as tf.Scalar,
      returnCost,
      [hidden, output],
    )
  const dispose = () => {
    tf.dispose([hidden, output])
    optimizer.dispose()
  }
  return { hidden, output, update, dispose }
}

const labels = (count: number) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: count }, (_, i) => i % 3),
      'int32',
    ),
    3,
  )

describe('a loop that never reads a value', () => {
  test('has a bounded trace, few graphs, and the weights of cpu', () => {
    const train = (backend: string, steps: number) => {
      tf.setBackend(backend)
      reseed()
      const { hidden, output, update, dispose } = classifier()
      const [x, y] = [random([5, 6]), labels(5)]
      let [longest, tensors] = [0, 0]
      for (let step = 0; step < steps; step++) {
        update(x, y, false)
        if (step === 2) tensors = tf.memory().numTensors
        if (backend === 'onnxruntime') longest = Math.max(longest, onnxruntimeStats().pendingOperations)
      }
      expect(tf.memory().numTensors).toBe(tensors)
      const learned = [...hidden.dataSync(), ...output.dataSync()]
      dispose()
      tf.dispose([x, y])
      return { learned, longest }
    }
    const steps = 400
    const expected = train('cpu', steps).learned
    tf.setBackend('onnxruntime')
    resetOnnxruntimeStats()
    const once = train('onnxruntime', 3).longest
    resetOnnxruntimeStats()
    const { learned, longest } = train('onnxruntime', steps)
    expectClose(learned, expected, { absolute: 1e-3 })
    expect(longest).toBeLessThanOrEqual(2 * once)
    const { flushes, compiles, cacheHits, fallbacks } = onnxruntimeStats()
    expect(flushes).toBeGreaterThanOrEqual(steps / 3)
    expect(flushes).toBeLessThanOrEqual(steps + 1)
    expect(cacheHits / flushes).toBeGreaterThan(0.98)
    expect(compiles).toBeLessThan(5)
    expect(fallbacks).toEqual({})
  })

  test('is cut also where the weights are assigned by hand, and where nothing is tidied up', () => {
    const weight = weights([4, 4])
    const x = random([3, 4])
    const steps = 200
    const kept: tf.Tensor[] = []
    for (let step = 0; step < steps; step++) {
      const y = tf.tanh(tf.matMul(x, weight as tf.Tensor))
      const slope = tf.matMul(x, y, true, false)
      const change = tf.mul(slope, 0.01)
      const next = tf.sub(weight as tf.Tensor, change)
      weight.assign(next as never)
      kept.push(y, slope, change, next)
      expect(onnxruntimeStats().pendingOperations).toBeLessThan(50)
    }
    const { flushes, compiles } = onnxruntimeStats()
    expect(flushes).toBeGreaterThan(steps / 4)
    expect(compiles).toBeLessThan(5)
    expect(weight.dataSync().every(Number.isFinite)).toBe(true)
    tf.dispose([weight, x, kept])
  })

  test('keeps what moves slowly, such as averages of weights, in the graph of its step', () => {
    const { hidden, update, dispose } = classifier()
    const average = tf.variable(tf.zeros([6, 8]), false)
    const [x, y] = [random([5, 6]), labels(5)]
    for (let step = 0; step < 100; step++) {
      update(x, y, false)
      tf.tidy(() => average.assign(tf.add(tf.mul(average, 0.9), tf.mul(hidden, 0.1))))
    }
    const { compiles, flushes } = onnxruntimeStats()
    expect(compiles).toBeLessThan(5)
    expect(flushes).toBeGreaterThan(30)
    expect(flushes).toBeLessThanOrEqual(100)
    dispose()
    tf.dispose([average, x, y])
  })
})

test('making many variables one after the other does not run anything', () => {
  const made = Array.from({ length: 40 }, (_, i) => tf.tidy(() => tf.variable(tf.fill([2, 2], i))))
  const sums = tf.addN(made as tf.Tensor[])
  const product = tf.matMul(made[39] as tf.Tensor, made[38] as tf.Tensor)
  expect(onnxruntimeStats().flushes).toBe(0)
  expect([sums.dataSync()[0], product.dataSync()[0]]).toEqual([780, 2 * 39 * 38])
  tf.dispose([made, sums, product])
})

describe('flush', () => {
  test('runs what was recorded, once, and leaves the values to be read without another graph', () => {
    const x = random([3, 4])
    const y = tf.add(tf.mul(x, 2), 1)
    expect(onnxruntimeStats()).toMatchObject({ flushes: 0, pendingOperations: expect.any(Number) })
    expect(onnxruntimeStats().pendingOperations).toBeGreaterThan(0)
    flush()
    flush()
    expect(onnxruntimeStats()).toMatchObject({ flushes: 1, pendingOperations: 0 })
    expectClose(
      y,
      [...x.dataSync()].map((value) => 2 * value + 1),
    )
    expect(onnxruntimeStats().flushes).toBe(1)
    tf.dispose([x, y])
  })

  test('computes nothing that was disposed of', () => {
    const x = random([3, 4])
    tf.tidy(() => void tf.exp(tf.mul(x, 2)))
    flush()
    expect(onnxruntimeStats()).toMatchObject({ flushes: 0, compiles: 0, pendingOperations: 0 })
    x.dispose()
  })

  test('reports an operation that fails where it is read, and computes the others', () => {
    const table = random([3, 2])
    const outside = tf.add(tf.tensor1d([1, 2], 'int32'), tf.scalar(5, 'int32'))
    const broken = tf.gather(table, outside as tf.Tensor1D)
    const sound = tf.add(table, 1)
    expectClose(
      sound,
      [...table.dataSync()].map((value) => value + 1),
    )
    expect(() => broken.dataSync()).toThrow(/the index value 6 is not in \[0, 2\]/)
    expect(() => tf.add(broken, 1).dataSync()).toThrow(/the index value 6 is not in \[0, 2\]/)
    expectClose(
      tf.add(sound, 1),
      [...table.dataSync()].map((value) => value + 2),
    )
    tf.dispose([table, outside, broken, sound])
  })
})

describe('the cache of graphs', () => {
  const trainOn = (model: ReturnType<typeof classifier>, size: number) => {
    const [x, y] = [random([size, 6]), labels(size)]
    for (let step = 0; step < 2; step++) {
      const loss = model.update(x, y, true)!
      loss.dataSync()
      loss.dispose()
    }
    tf.dispose([x, y])
  }

  test('holds one graph for each batch size', () => {
    const model = classifier()
    for (const size of [4, 4, 4]) trainOn(model, size)
    resetOnnxruntimeStats()
    for (const size of [4, 3, 4, 3, 4, 5, 3, 4]) trainOn(model, size)
    // The labels of each size are a graph of their own.
    expect(onnxruntimeStats().compiles).toBeLessThanOrEqual(2 * 2)
    const { compiles } = onnxruntimeStats()
    for (const size of [5, 4, 3]) trainOn(model, size)
    expect(onnxruntimeStats().compiles).toBe(compiles)
    model.dispose()
  })

  test('is bounded by count and by bytes', async () => {
    await useOnnxRuntime({ cache: { count: 3 } })
    const sizes = Array.from({ length: 12 }, (_, i) => i + 1)
    for (const size of sizes) tf.dispose(read(tf.add(random([size]), 1)))
    expect(onnxruntimeStats().sessions).toBe(3)
    await useOnnxRuntime({ cache: { count: 64, bytes: 600 } })
    for (const size of sizes) tf.dispose(read(tf.add(random([size]), 1)))
    expect(onnxruntimeStats().sessions).toBeGreaterThan(0)
    expect(onnxruntimeStats().sessions).toBeLessThan(6)
  })

  test('is not asked for another graph by a learning rate, a time step or a position that changes', () => {
    const data = random([40, 6])
    const weight = weights([6, 2])
    for (let step = 0; step < 20; step++) {
      if (step === 2) resetOnnxruntimeStats()
      tf.tidy(() => {
        const batch = tf.slice(data, [(step * 4) % 36, 0], [4, 6])
        const slope = tf.matMul(batch, tf.matMul(batch, weight as tf.Tensor), true, false)
        const rate = tf.scalar(0.1 / (step + 1))
        weight.assign(tf.sub(weight, tf.mul(tf.div(slope, tf.scalar(step + 1)), rate)))
        weight.dataSync()
      })
    }
    expect(onnxruntimeStats().compiles).toBe(0)
    tf.dispose([data, weight])
  })
})

function read<T extends tf.Tensor>(tensor: T): T {
  tensor.dataSync()
  return tensor
}
