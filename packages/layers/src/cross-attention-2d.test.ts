import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { CrossAttention2D } from './cross-attention-2d.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('CrossAttention2D', {
  make: () => new CrossAttention2D({ channelReduction: 2, maxScores: 13 }),
  inputShape: [
    [2, 3, 2, 4],
    [2, 2, 3, 5],
  ],
  register: registerLayers,
  config: { channelReduction: 2, valueReduction: 2, maxScores: 13 },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'there is one input',
      run: () => new CrossAttention2D({ name: 'look' }).apply(tf.ones([1, 2, 2, 8])),
      message:
        'CrossAttention2D: expected two inputs [x, reference], got [1, 2, 2, 8] (layer look). Use SelfAttention2D for one.',
    },
    {
      because: 'maxScores is 0',
      run: () => new CrossAttention2D({ maxScores: 0 }),
      message: 'CrossAttention2D: expected maxScores to be an integer >= 1, got 0. Leave it out for 4194304.',
    },
  ],
})

describe('CrossAttention2D', () => {
  const x = tf.randomNormal([2, 3, 4, 8], 0, 1, 'float32', 1)
  const reference = tf.randomNormal([2, 2, 5, 3], 0, 1, 'float32', 2)

  test('changes nothing at first', () => {
    expectClose(new CrossAttention2D().apply([x, reference]) as tf.Tensor, x.dataSync())
  })

  test('the order of the pixels of the reference does not matter', () => {
    const layer = new CrossAttention2D({ kernelInitializer: tfl.initializers.heNormal({ seed: 2 }) })
    layer.apply([x, reference])
    layer.weights.find(({ name }) => name.endsWith('gamma'))!.write(tf.scalar(1))
    const y = layer.apply([x, reference]) as tf.Tensor
    expectClose(layer.apply([x, tf.reverse(reference, [1, 2])]) as tf.Tensor, y.dataSync())
    expect(y.dataSync()).not.toEqual(x.dataSync())
  })
})
