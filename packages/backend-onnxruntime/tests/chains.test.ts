import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { flush, onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1, cache: { count: 64, bytes: 2 ** 26 } })
  reseed()
  resetOnnxruntimeStats()
})

/** How many graphs were compiled for what it does, and what it returns. */
async function compiling<T>(run: () => T | Promise<T>): Promise<[number, T]> {
  const before = onnxruntimeStats().compiles
  const result = await run()
  return [onnxruntimeStats().compiles - before, result]
}

async function onCpu<T>(run: () => T | Promise<T>): Promise<T> {
  tf.setBackend('cpu')
  reseed()
  const result = await run()
  tf.setBackend('onnxruntime')
  reseed()
  return result
}

describe('a chain that nobody reads', () => {
  const sum = (links: number) =>
    tf.tidy(() => {
      let t: tf.Tensor = tf.scalar(0)
      for (let i = 0; i < links; i++) t = tf.add(t, i * 0.5)
      return t.dataSync()[0]!
    })

  test('is cut into equal graphs, whatever numbers it adds', async () => {
    const [first, value] = await compiling(() => sum(3000))
    // Exact: sums of halves below 2^24.
    expect(value).toBe((2999 * 3000) / 4)
    expect(first).toBeLessThanOrEqual(3)
    expect((await compiling(() => sum(3000)))[0]).toBe(0)
    // Of another length, only its last graph is new.
    const [more, long] = await compiling(() => sum(5000))
    expect(long).toBe((4999 * 5000) / 4)
    expect(more).toBeLessThanOrEqual(1)
  })

  test('never has more than a bounded number of operations waiting', () => {
    tf.tidy(() => {
      let t: tf.Tensor = tf.scalar(0)
      for (let i = 0; i < 5000; i++) {
        t = tf.add(tf.mul(t, 0.5), i)
        expect(onnxruntimeStats().pendingOperations).toBeLessThan(1500)
      }
    })
  })

  test('of tensors that are all kept gives each its value', () => {
    const kept: tf.Tensor[] = [tf.tensor1d([0, 1])]
    for (let i = 1; i < 1000; i++) kept.push(tf.add(kept[i - 1]!, tf.scalar(i)))
    for (const i of [1, 255, 256, 257, 998, 999]) {
      expect([...kept[i]!.dataSync()]).toEqual([(i * (i + 1)) / 2, 1 + (i * (i + 1)) / 2])
    }
    const { numTensors } = tf.memory()
    tf.dispose(kept)
    expect(tf.memory().numTensors).toBe(numTensors - kept.length)
  })

  test('of slices and clips at other places each time is cut, too', async () => {
    const run = (rounds: number) =>
      tf.tidy(() => {
        const x = tf.mul(random([rounds, 3]), 2)
        let t: tf.Tensor = tf.zeros([1, 3])
        for (let i = 0; i < rounds; i++) t = tf.tanh(tf.add(t, tf.slice(x, [i, 0], [1, 3])))
        return [...t.dataSync()]
      })
    const expected = await onCpu(() => run(1500))
    const [compiles, values] = await compiling(() => run(1500))
    expectClose(values, expected, { absolute: 1e-5 })
    expect(compiles).toBeLessThanOrEqual(4)
  })

  test('fails where it is used once it depends on what cannot be computed, and nothing else does', () => {
    const table = random([3, 2])
    const outside = tf.add(tf.tensor1d([1, 2], 'int32'), tf.scalar(5, 'int32'))
    const broken: tf.Tensor[] = [tf.gather(table, outside as tf.Tensor1D)]
    const sound: tf.Tensor[] = [tf.zeros([2, 2])]
    for (let i = 0; i < 100; i++) {
      broken.push(tf.add(broken[i]!, 1))
      sound.push(tf.add(sound[i]!, 1))
    }
    expect([...sound[100]!.dataSync()]).toEqual([100, 100, 100, 100])
    for (const tensor of broken)
      expect(() => tensor.dataSync()).toThrow(/the index value 6 is not in \[0, 2\]/)
    for (const [i, tensor] of sound.entries()) expect(tensor.dataSync()[0]).toBe(i)
    // Not one for each of the two hundred.
    expect(onnxruntimeStats().compiles).toBeLessThan(20)
  })
})

describe('models over many batches', () => {
  const compiled = (model: LayersModel, loss: string) => {
    model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy'] })
    return model
  }
  const dense = () =>
    compiled(
      sequential({
        layers: [
          layers.dense({ units: 8, activation: 'relu', inputShape: [4], kernelInitializer: 'ones' }),
          layers.dense({ units: 3, activation: 'softmax', kernelInitializer: 'zeros' }),
        ],
      }),
      'categoricalCrossentropy',
    )
  const images = () =>
    compiled(
      sequential({
        layers: [
          layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 1], kernelInitializer: 'ones' }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.flatten(),
          layers.dense({ units: 2, activation: 'softmax', kernelInitializer: 'zeros' }),
        ],
      }),
      'categoricalCrossentropy',
    )
  const batches = (count: number) => ({
    iterator: async () => {
      let i = 0
      const next = async () => {
        if (i === count) return { value: null, done: true }
        const ys = tf.tidy(() => tf.oneHot(tf.tensor1d([i % 3, 0], 'int32'), 3))
        return { value: { xs: tf.fill([2, 4], Math.sin(i++)), ys }, done: false }
      }
      return { next }
    },
  })
  const read = (scalars: tf.Scalar | tf.Scalar[]) => {
    const values = [scalars].flat().map((scalar) => scalar.dataSync()[0]!)
    tf.dispose(scalars)
    return values
  }

  test('evaluateDataset compiles a few graphs the first time and none the second', async () => {
    const expected = await onCpu(async () => {
      const model = dense()
      const result = read(await model.evaluateDataset(batches(1000) as never, {} as never))
      model.dispose()
      return result
    })
    const model = dense()
    flush()
    const evaluate = async () => read(await model.evaluateDataset(batches(1000) as never, {} as never))
    const [first, values] = await compiling(evaluate)
    expectClose(values, expected, { absolute: 1e-5 })
    expect(first).toBeLessThanOrEqual(6)
    const { numTensors } = tf.memory()
    const [second, again] = await compiling(evaluate)
    expect(again).toEqual(values)
    expect(second).toBe(0)
    expect(tf.memory().numTensors).toBe(numTensors)
    model.dispose()
  })

  test('evaluate and predict do so, too', async () => {
    const rows = 800
    const run = (model: LayersModel, x: tf.Tensor, y: tf.Tensor) => ({
      evaluate: () => read(model.evaluate(x, y, { batchSize: 2 }) as tf.Scalar[]),
      predict: () => {
        const scores = model.predict(x, { batchSize: 2 }) as tf.Tensor
        const values = [...scores.dataSync()]
        scores.dispose()
        return values
      },
    })
    const data = () =>
      [random([rows, 8, 8, 1]), tf.oneHot(tf.cast(tf.mod(tf.range(0, rows), 2), 'int32'), 2)] as const
    const expected = await onCpu(() => {
      const [model, [x, y]] = [images(), data()]
      const { evaluate, predict } = run(model, x, y)
      const result = { evaluated: evaluate(), predicted: predict() }
      tf.dispose([x, y])
      model.dispose()
      return result
    })
    const [model, [x, y]] = [images(), data()]
    y.dataSync()
    const { evaluate, predict } = run(model, x, y)
    const [first, evaluated] = await compiling(evaluate)
    const [firstPrediction, predicted] = await compiling(predict)
    expectClose(evaluated, expected.evaluated, { absolute: 1e-4 })
    expectClose(predicted, expected.predicted, { absolute: 1e-4 })
    expect(first).toBeLessThanOrEqual(5)
    expect(firstPrediction).toBeLessThanOrEqual(5)
    expect((await compiling(evaluate))[0]).toBe(0)
    expect((await compiling(predict))[0]).toBe(0)
    tf.dispose([x, y])
    model.dispose()
  })
})

describe('a recurrent network written step by step', () => {
  const cell = 3
  const network = () => ({
    kernel: tf.variable(tf.randomNormal<tf.Rank.R2>([2 + cell, cell], 0, 0.3, 'float32', 5)),
    steps: (kernel: tf.Variable<tf.Rank.R2>, x: tf.Tensor3D) => {
      let state = tf.zeros([x.shape[0], cell])
      for (const input of tf.unstack(x, 1) as tf.Tensor2D[]) {
        state = tf.tanh(tf.matMul(tf.concat([input, state], 1), kernel as tf.Tensor))
      }
      return tf.mean(tf.square(state)) as tf.Scalar
    },
  })
  const train = (length: number, updates: number) => {
    const { kernel, steps } = network()
    const optimizer = tf.train.adam(0.01)
    const x = random([4, length, 2]) as tf.Tensor3D
    const costs: number[] = []
    const compiles: number[] = []
    for (let i = 0; i < updates; i++) {
      const before = tf.getBackend() === 'onnxruntime' ? onnxruntimeStats().compiles : 0
      const cost = optimizer.minimize(() => steps(kernel, x), true, [kernel])!
      costs.push(cost.dataSync()[0]!)
      cost.dispose()
      if (tf.getBackend() === 'onnxruntime') compiles.push(onnxruntimeStats().compiles - before)
    }
    tf.dispose([kernel, x])
    optimizer.dispose()
    return { costs, compiles }
  }

  test('learns as on cpu, from graphs whose number does not grow with its length', async () => {
    const { costs: expected } = await onCpu(() => train(600, 6))
    const short = train(600, 6)
    expectClose(short.costs, expected, { absolute: 1e-5 })
    // The first two updates make and then use the moments of Adam; from then on nothing is new.
    expect(short.compiles.slice(3)).toEqual([0, 0, 0])
    reseed()
    const long = train(1200, 3)
    const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0)
    expect(total(long.compiles)).toBeLessThanOrEqual(total(short.compiles))
  })

  test('has run its step when the loss is read, although that was computed before', () => {
    const { kernel, steps } = network()
    const optimizer = tf.train.sgd(0.1)
    const x = random([4, 600, 2]) as tf.Tensor3D
    const cost = optimizer.minimize(() => steps(kernel, x), true, [kernel])!
    cost.dataSync()
    expect(onnxruntimeStats().pendingOperations).toBe(0)
    tf.dispose([kernel, x, cost])
  })
})
