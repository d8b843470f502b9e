import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { registerLayers } from './register-layers.js'
import { SelfAttention2D, type SelfAttention2DArgs } from './self-attention-2d.js'

describeLayerContract('SelfAttention2D', {
  make: () => new SelfAttention2D({ channelReduction: 4 }),
  inputShape: [2, 3, 2, 4],
  register: registerLayers,
  secondGradients: true,
  config: {
    channelReduction: 4,
    valueReduction: 2,
    maxScores: 4194304,
    kernelInitializer: {
      className: 'VarianceScaling',
      config: { scale: 1, mode: 'fanAvg', distribution: 'uniform' },
    },
    kernelRegularizer: null,
  },
  errors: [
    {
      because: 'the channels cannot be divided',
      run: () => new SelfAttention2D().apply(tf.ones([1, 2, 2, 12])),
      message:
        'SelfAttention2D: expected channelReduction to divide the channels, got channels=12, channelReduction=8. Choose channelReduction from 1, 2, 3, 4, 6, 12.',
    },
    {
      because: 'the values cannot be divided',
      run: () => new SelfAttention2D({ channelReduction: 1 }).apply(tf.ones([1, 2, 2, 3])),
      message:
        'SelfAttention2D: expected valueReduction to divide the channels, got channels=3, valueReduction=2. Choose valueReduction from 1, 3.',
    },
    {
      because: 'a reduction is 0',
      run: () => new SelfAttention2D({ channelReduction: 0 }),
      message:
        'SelfAttention2D: expected channelReduction to be an integer >= 1, got 0. Use 1 for no reduction.',
    },
    {
      because: 'the input is a sequence',
      run: () => new SelfAttention2D({ name: 'look' }).apply(tfl.input({ shape: [3, 8] })),
      message:
        'SelfAttention2D: expected an input [batch, height, width, channels] with a known number of channels, got [null, 3, 8] (layer look). Use MultiHeadAttention for sequences.',
    },
  ],
})

describe('SelfAttention2D', () => {
  const x = tf.randomNormal([2, 3, 5, 8], 0, 1, 'float32', 1)
  const upstream = tf.randomNormal([2, 3, 5, 8], 0, 1, 'float32', 2)
  /** A layer whose gate is open. */
  const openLayer = (args: SelfAttention2DArgs = {}) => {
    const kernelInitializer = tfl.initializers.heNormal({ seed: 6 })
    const layer = new SelfAttention2D({ channelReduction: 4, kernelInitializer, ...args })
    layer.build(x.shape)
    layer.weights.find(({ name }) => name.endsWith('gamma'))!.write(tf.scalar(0.7))
    return layer
  }

  test('changes nothing at first, and gamma learns', () => {
    const layer = new SelfAttention2D({ channelReduction: 4 })
    expectClose(layer.apply(x) as tf.Tensor, x.dataSync())
    const optimizer = tf.train.sgd(0.1)
    optimizer.minimize(() => tf.mean<tf.Scalar>(tf.mul(layer.apply(x) as tf.Tensor, upstream)))
    const gamma = layer.weights.find(({ name }) => name.endsWith('gamma'))!
    expect(gamma.read().dataSync()[0]).not.toBe(0)
  })

  test('moves with the pixels when they are rearranged', () => {
    const layer = openLayer()
    const mirrored = tf.reverse(x, [1, 2])
    const y = tf.reverse(layer.apply(mirrored) as tf.Tensor, [1, 2])
    expectClose(y, (layer.apply(x) as tf.Tensor).dataSync())
  })

  test('works for pictures of unknown size', () => {
    const model = tfl.sequential({
      layers: [tfl.layers.inputLayer({ inputShape: [null, null, 8] }), new SelfAttention2D()],
    })
    expect((model.predict(tf.ones([1, 4, 3, 8])) as tf.Tensor).shape).toEqual([1, 4, 3, 8])
    expect((model.predict(tf.ones([2, 2, 5, 8])) as tf.Tensor).shape).toEqual([2, 2, 5, 8])
  })

  test('a seeded initializer gives each kernel other values, and the same ones again', () => {
    const make = () => {
      const kernelInitializer = tfl.initializers.heNormal({ seed: 4 })
      const layer = new SelfAttention2D({ channelReduction: 2, kernelInitializer })
      layer.build([null, 2, 2, 4])
      return layer.getWeights().map((weight) => [...weight.dataSync()])
    }
    const [key, query, value] = make()
    expect(key).not.toEqual(query)
    expect(query).not.toEqual(value)
    expect(make().slice(0, 3)).toEqual([key, query, value])
  })

  test('keeps its regularizer when a model is saved and loaded', async () => {
    registerLayers()
    const kernelRegularizer = tfl.regularizers.l2({ l2: 0.5 })
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [2, 3, 4] }),
        new SelfAttention2D({ channelReduction: 2, kernelRegularizer, kernelInitializer: 'ones' }),
      ],
    })
    const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
    const losses = loaded.layers
      .at(-1)!
      .calculateLosses()
      .map((loss) => loss.dataSync()[0])
    expect(losses).toEqual([4, 4, 4, 4])
  })
})
