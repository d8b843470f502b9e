import '@tensorflow/tfjs-backend-cpu'
import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { correctTensorFlow } from './correct-tensorflow.js'

const warn = vi.spyOn(console, 'warn')

beforeAll(async () => {
  correctTensorFlow()
  await tf.setBackend('cpu')
})

test('the cpu backend does not advise another one', () => {
  tf.ones([2]).dataSync()
  expect(warn).not.toHaveBeenCalled()
})

describe('tf.batchNorm', () => {
  const x = () => tf.tensor2d([1, -2, 3, 0.5, 4, -1], [3, 2])
  const mean = () => tf.tensor1d([0.5, -1])
  const variance = () => tf.tensor1d([2, 0.25])

  test.each([
    { offset: false, scale: false },
    { offset: true, scale: false },
    { offset: false, scale: true },
  ])('has the gradients of its formula with $offset, $scale', ({ offset, scale }) => {
    const weights = tf.tensor2d([0.3, -0.7, 0.2, 1.1, -0.4, 0.9], [3, 2])
    const inputs = [
      x(),
      mean(),
      variance(),
      ...(offset ? [tf.tensor1d([3, 4])] : []),
      ...(scale ? [tf.tensor1d([2, 0.5])] : []),
    ]
    const parts = (given: tf.Tensor[]) => {
      const [a, m, v, ...rest] = given as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, ...tf.Tensor1D[]]
      return { a, m, v, o: offset ? rest[0] : undefined, s: scale ? rest.at(-1) : undefined }
    }
    const call = (...given: tf.Tensor[]) => {
      const { a, m, v, o, s } = parts(given)
      return tf.sum(tf.mul(tf.batchNorm(a, m, v, o, s, 1e-3), weights))
    }
    const formula = (...given: tf.Tensor[]) => {
      const { a, m, v, o, s } = parts(given)
      const normed = tf.mul(tf.div(tf.sub(a, m), tf.sqrt(tf.add(v, 1e-3))), s ?? 1)
      return tf.sum(tf.mul(tf.add(normed, o ?? 0), weights))
    }
    expect(call(...inputs).dataSync()[0]).toBeCloseTo(formula(...inputs).dataSync()[0]!, 5)
    const found = tf.grads(call)(inputs)
    const right = tf.grads(formula)(inputs)
    for (const [i, gradient] of found.entries()) {
      const expected = right[i]!.dataSync()
      for (const [k, value] of gradient.dataSync().entries()) expect(value).toBeCloseTo(expected[k]!, 4)
    }
  })

  test('normalizes along any axis', () => {
    const values = tf.tensor3d([1, -2, 3, 0.5, 4, -1, 2, 2, -3, 7, 0, 1], [2, 3, 2])
    const [m, v] = [tf.tensor3d([1, 2, -1], [1, 3, 1]), tf.tensor3d([4, 0.25, 1], [1, 3, 1])]
    const found = tf.batchNorm(values, m, v, undefined, undefined, 0).dataSync()
    expect([...found]).toEqual([0, -1.5, 2, -3, 5, 0, 0.5, 0.5, -10, 10, 1, 2])
  })

  test('leaves no tensors behind', async () => {
    await expectNoTensorLeak(() => {
      const inputs = [x(), mean(), variance()] as const
      const gradient = tf.grad((a) => tf.batchNorm(a as tf.Tensor2D, inputs[1], inputs[2]))(inputs[0])
      tf.dispose([gradient, ...inputs])
    })
  })
})

describe.each([
  { scale: false, center: true },
  { scale: true, center: false },
  { scale: false, center: false },
  { scale: true, center: true },
])('normalization with $scale, $center', (options) => {
  test.each([
    ['batchNormalization', () => layers.batchNormalization({ ...options, inputShape: [3, 2] })],
    [
      'batchNormalization of axis 1',
      () => layers.batchNormalization({ ...options, axis: 1, inputShape: [3, 2] }),
    ],
    ['layerNormalization', () => layers.layerNormalization({ ...options, inputShape: [3, 2] })],
  ])('%s trains', async (_name, layer) => {
    const model = sequential({
      layers: [layer(), layers.flatten(), layers.dense({ units: 1, kernelInitializer: 'ones' })],
    })
    const weights = Number(options.scale) + Number(options.center)
    expect(model.layers[0]!.trainableWeights.length).toBe(weights)
    model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' })
    const x = tf.tensor3d(
      Array.from({ length: 48 }, (_, i) => Math.sin(i)),
      [8, 3, 2],
    )
    const y = tf.reshape(tf.sum(x, [1, 2]), [8, 1])
    const { history } = await model.fit(x, y, { epochs: 20, verbose: 0, shuffle: false })
    const losses = history.loss as number[]
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
    expect((model.predict(x) as tf.Tensor).shape).toEqual([8, 1])
    model.dispose()
    expect(weights).toBe(model.layers[0]!.trainableWeights.length)
  })
})
