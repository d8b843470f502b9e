import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { AdditiveAttention, additiveAttentionWeights } from './additive-attention.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('AdditiveAttention', {
  make: () => new AdditiveAttention({ dropout: 0.4, useCausalMask: true, seed: 3 }),
  inputShape: [
    [2, 3, 4],
    [2, 5, 6],
    [2, 5, 4],
  ],
  register: registerLayers,
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as AdditiveAttention).calls = 1
  },
  config: { useScale: true, dropout: 0.4, useCausalMask: true, seed: 3 },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'dropout is negative',
      run: () => new AdditiveAttention({ dropout: -0.1, name: 'look' }),
      message: 'AdditiveAttention: expected dropout in [0, 1), got -0.1 (layer look). Start with 0.1.',
    },
    {
      because: 'query and key have different features',
      run: () => new AdditiveAttention({ name: 'look' }).apply([tf.ones([1, 2, 3]), tf.ones([1, 2, 4])]),
      message:
        'AdditiveAttention: expected [query, value, key, mask] with query [batch, queries, features], value [batch, keys, valueFeatures], key [batch, keys, features] and mask [batch, queries, keys], got [1, 2, 3], [1, 2, 4] (layer look). Leave key and mask out when they are not needed; put a dense layer before it to make features equal.',
    },
  ],
})

describe('AdditiveAttention', () => {
  test('a masked key is the same as an absent key', () => {
    const layer = new AdditiveAttention()
    const query = tf.randomNormal([2, 3, 4], 0, 1, 'float32', 1)
    const value = tf.randomNormal([2, 5, 4], 0, 1, 'float32', 2)
    const mask = tf.tile(tf.tensor3d([[[1, 1, 1, 0, 0]]]), [2, 3, 1])
    const y = layer.apply([query, value, value, mask]) as tf.Tensor
    const short = layer.apply([query, tf.slice(value, [0, 0, 0], [2, 3, 4])]) as tf.Tensor
    expectClose(y, short.dataSync())
  })

  test('the weights follow the formula', () => {
    const args = {
      query: tf.tensor3d([[[0, 1]]]),
      key: tf.tensor3d([
        [
          [0, 0],
          [2, -1],
        ],
      ]),
    }
    const scores = [Math.tanh(0) + Math.tanh(1), Math.tanh(2) + Math.tanh(0)]
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0)
    expectClose(
      additiveAttentionWeights(args),
      scores.map((score) => Math.exp(score) / total),
    )
    expect(additiveAttentionWeights(args).shape).toEqual([1, 1, 2])
  })
})
