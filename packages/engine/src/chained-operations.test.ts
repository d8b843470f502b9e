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
