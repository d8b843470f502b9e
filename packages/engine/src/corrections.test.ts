import * as tf from '@tensorflow/tfjs-core'
import { generator } from '@tensorflow/tfjs-data'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { useEngine } from './use-engine.js'

test.each(['wasm', 'cpu', 'onnxruntime'] as const)(
  'a recurrent layer trains on %s, without a banner',
  async (prefer) => {
    const warn = vi.spyOn(console, 'warn')
    await useEngine({ prefer, threads: 1 })
    const model = sequential({
      layers: [layers.lstm({ units: 3, inputShape: [4, 2] }), layers.dense({ units: 1 })],
    })
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
    const recurrent = model.layers[0]!.getWeights()[1]! as tf.Tensor2D
    const products = tf.matMul(recurrent, recurrent, false, true).dataSync()
    for (const [i, product] of products.entries()) expect(product).toBeCloseTo(i % 4 === 0 ? 1 : 0, 5)
    const { history } = await model.fit(tf.ones([8, 4, 2]), tf.ones([8, 1]), { epochs: 3, verbose: 0 })
    const losses = history.loss as number[]
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    expect(warn.mock.calls.flat().join()).not.toContain('looks like you are running')
    model.dispose()
  },
)

test.each(['wasm', 'cpu', 'onnxruntime'] as const)(
  'batch normalization without scale trains on %s, along any axis',
  async (prefer) => {
    await useEngine({ prefer, threads: 1 })
    const weights: number[][] = []
    for (const axis of [1, 2]) {
      const model = sequential({
        layers: [
          layers.batchNormalization({ scale: false, axis, inputShape: [3, 2] }),
          layers.flatten(),
          layers.dense({ units: 1, kernelInitializer: 'ones' }),
        ],
      })
      model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' })
      const x = tf.tensor3d(
        Array.from({ length: 48 }, (_, i) => Math.sin(i)),
        [8, 3, 2],
      )
      const y = tf.reshape(tf.sum(tf.square(x), [1, 2]), [8, 1])
      await model.fit(x, y, { epochs: 5, verbose: 0, shuffle: false })
      weights.push(model.getWeights().flatMap((weight) => [...weight.dataSync()]))
      model.dispose()
    }
    expected ??= weights
    for (const [i, values] of weights.entries())
      for (const [k, value] of values.entries()) expect(value).toBeCloseTo(expected[i]![k]!, 4)
  },
)
let expected: number[][] | undefined

describe.each(['wasm', 'cpu', 'onnxruntime'] as const)('on %s a tensor keeps its values', (prefer) => {
  beforeAll(async () => {
    await useEngine({ prefer, threads: 1 })
  })

  test.each([
    ['float32', new Float32Array(3)],
    ['int32', new Int32Array(3)],
    ['bool', Buffer.alloc(3)],
  ] as const)('when its %s array is filled anew', (dtype, array) => {
    const tensors = [0, 1].map((value) => {
      array.fill(value)
      return tf.tensor1d(array, dtype)
    })
    array.fill(7)
    expect(tensors.map((tensor) => [...tensor.dataSync()])).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
  })

  test('when its buffer is set', () => {
    const buffer = tf.buffer([2])
    const before = buffer.toTensor()
    buffer.set(5, 1)
    expect([...before.dataSync()]).toEqual([0, 0])
    expect([...tf.variable(buffer.toTensor()).dataSync()]).toEqual([0, 5])
  })

  test('when a generator of a data set fills one array', async () => {
    const array = new Float32Array(2)
    const rows = generator(function* () {
      for (let value = 0; value < 3; value++)
        yield { xs: tf.tensor1d(array.fill(value)), ys: tf.tensor1d([value]) }
    } as never)
    const batches: number[][] = []
    await rows.batch(3).forEachAsync((batch) => {
      batches.push([...(batch as { xs: tf.Tensor }).xs.dataSync()])
    })
    expect(batches).toEqual([[0, 0, 1, 1, 2, 2]])
  })
})
