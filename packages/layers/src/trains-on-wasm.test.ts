import '@tensorflow/tfjs-backend-wasm'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { afterAll, expect, test } from 'vitest'
import { MultiHeadAttention } from './multi-head-attention.js'
import { prelu } from './prelu.js'
import { SelfAttention2D } from './self-attention-2d.js'

afterAll(() => tf.setBackend('cpu'))

const kernelInitializer = () => tfl.initializers.glorotNormal({ seed: 1 })

const cases: [name: string, make: () => tfl.layers.Layer, shape: number[]][] = [
  ['prelu', () => prelu(), [2, 3, 4, 8]],
  ['SelfAttention2D', () => new SelfAttention2D({ kernelInitializer: kernelInitializer() }), [2, 3, 4, 8]],
  [
    'MultiHeadAttention',
    () =>
      new MultiHeadAttention({
        numHeads: 2,
        keyDim: 3,
        causal: true,
        kernelInitializer: kernelInitializer(),
      }),
    [2, 5, 8],
  ],
]

test.each(cases)('three steps of %s on the wasm backend equal those on cpu', async (_, make, shape) => {
  const weightsAfterTraining = async (backend: string) => {
    await tf.setBackend(backend)
    expect(tf.getBackend()).toBe(backend)
    const layer = make()
    layer.build(shape)
    const x = tf.randomNormal(shape, 0, 1, 'float32', 7)
    const target = tf.randomNormal(shape, 0, 1, 'float32', 8)
    const optimizer = tf.train.sgd(0.5)
    for (let step = 0; step < 3; step++) {
      optimizer.minimize(() => tf.losses.meanSquaredError(target, layer.apply(x) as tf.Tensor) as tf.Scalar)
    }
    return layer.getWeights().flatMap((weight) => [...weight.dataSync()])
  }
  expectClose(await weightsAfterTraining('wasm'), await weightsAfterTraining('cpu'))
})
