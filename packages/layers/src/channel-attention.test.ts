import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { ConvolutionalBlockAttention } from './convolutional-block-attention.js'
import { registerLayers } from './register-layers.js'
import { SqueezeExcitation } from './squeeze-excitation.js'

describeLayerContract('SqueezeExcitation', {
  make: () => new SqueezeExcitation({ ratio: 2 }),
  inputShape: [2, 3, 2, 4],
  register: registerLayers,
  config: { ratio: 2, kernelRegularizer: null },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'the ratio does not divide the channels',
      run: () => new SqueezeExcitation({ ratio: 4 }).apply(tf.ones([1, 2, 2, 6])),
      message:
        'SqueezeExcitation: expected ratio to divide the channels, got channels=6, ratio=4. Choose ratio from 1, 2, 3, 6.',
    },
  ],
})

describeLayerContract('ConvolutionalBlockAttention', {
  make: () => new ConvolutionalBlockAttention({ ratio: 2, kernelSize: 3 }),
  inputShape: [2, 3, 2, 4],
  register: registerLayers,
  config: { ratio: 2, kernelSize: 3, kernelRegularizer: null },
  // Maxima have kinks where two values are equal.
  gradients: { step: 2e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'kernelSize is 0',
      run: () => new ConvolutionalBlockAttention({ kernelSize: 0 }),
      message:
        'ConvolutionalBlockAttention: expected kernelSize to be an integer >= 1, got 0. Usual are ratio 16 and kernelSize 7.',
    },
  ],
})

describe('channel attention', () => {
  test('with all weights 0 halves every value, once per gate', () => {
    const x = tf.randomNormal([2, 3, 2, 4], 0, 1, 'float32', 1)
    const silent = (layer: SqueezeExcitation | ConvolutionalBlockAttention) => {
      layer.build(x.shape)
      layer.setWeights(layer.getWeights().map((weight) => tf.zerosLike(weight)))
      return layer.apply(x) as tf.Tensor
    }
    expectClose(silent(new SqueezeExcitation({ ratio: 2 })), tf.div(x, 2).dataSync())
    expectClose(silent(new ConvolutionalBlockAttention({ ratio: 2 })), tf.div(x, 4).dataSync())
  })

  test('scales a channel by the same factor at every pixel', () => {
    const x = tf.randomUniform([1, 4, 3, 4], 0.5, 2, 'float32', 1)
    const y = new SqueezeExcitation({ ratio: 2 }).apply(x) as tf.Tensor
    const factors = tf.reshape(tf.div(y, x), [12, 4]).arraySync() as number[][]
    for (const row of factors) expectClose(row, factors[0]!)
    expect(factors[0]!.every((factor) => factor > 0 && factor < 1)).toBe(true)
  })
})
