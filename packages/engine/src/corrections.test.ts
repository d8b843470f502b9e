import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import { expect, test, vi } from 'vitest'
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
