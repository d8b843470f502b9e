import { describeLayerContract, expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import references from '../fixtures/torch-references.json' with { type: 'json' }
import { registerLayers } from './register-layers.js'
import { SelfAttention2D } from './self-attention-2d.js'

const reference = references.selfAttention2D
type WeightName = keyof typeof reference.weights

/** A layer with PyTorch's weights, and its variables by their names in the reference. */
function referenceLayer() {
  const layer = new SelfAttention2D({ channelReduction: reference.channelReduction })
  layer.build(reference.shape)
  const variables = Object.fromEntries(
    layer.weights.map((weight) => [
      weight.originalName.split('/').at(-1)!.replace('_kernel', ''),
      weight.read() as tf.Variable,
    ]),
  ) as Record<WeightName, tf.Variable>
  for (const name of Object.keys(variables) as WeightName[]) {
    variables[name].assign(tf.tensor(reference.weights[name], variables[name].shape))
  }
  return { layer, variables }
}

describeLayerContract('SelfAttention2D', {
  make: () => new SelfAttention2D({ channelReduction: 4 }),
  inputShape: [2, 3, 2, 4],
  register: registerLayers,
  config: {
    channelReduction: 4,
    valueReduction: 2,
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
  const upstream = tf.tensor(reference.upstream, reference.shape)
  const x = tf.tensor(reference.x, reference.shape)

  test('equals the paper in PyTorch in value and first gradients', () => {
    const { layer, variables } = referenceLayer()
    expectClose(layer.apply(x) as tf.Tensor, reference.y)
    const loss = (input: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(layer.apply(input) as tf.Tensor, upstream))
    expectClose(tf.grad(loss)(x), reference.gradX)
    const { grads } = tf.variableGrads(() => loss(x))
    for (const name of Object.keys(variables) as WeightName[]) {
      expectClose(grads[variables[name].name]!, reference.gradients[name])
    }
  })

  test('equals PyTorch in the gradients of a gradient penalty', () => {
    const { layer, variables } = referenceLayer()
    const loss = (input: tf.Tensor) => tf.sum(tf.mul(layer.apply(input) as tf.Tensor, upstream))
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.square(tf.grad(loss)(x))))
    for (const name of Object.keys(variables) as WeightName[]) {
      expectClose(grads[variables[name].name]!, reference.penaltyGradients[name], { absolute: 1e-4 })
    }
  })

  test('has second derivatives that match finite differences of the first', () => {
    const { layer } = referenceLayer()
    const loss = (input: tf.Tensor) => tf.sum(tf.mul(layer.apply(input) as tf.Tensor, upstream))
    expectGradientsMatch((input) => tf.sum(tf.square(tf.grad(loss)(input!))), [x])
  })

  test('changes nothing at first, and gamma learns', () => {
    const layer = new SelfAttention2D({ channelReduction: 4 })
    expectClose(layer.apply(x) as tf.Tensor, reference.x)
    const optimizer = tf.train.sgd(0.1)
    optimizer.minimize(() => tf.mean<tf.Scalar>(tf.mul(layer.apply(x) as tf.Tensor, upstream)))
    const gamma = layer.weights.find(({ name }) => name.endsWith('gamma'))!
    expect(gamma.read().dataSync()[0]).not.toBe(0)
  })

  test('moves with the pixels when they are rearranged', () => {
    const { layer } = referenceLayer()
    const mirrored = tf.reverse(x, [1, 2])
    const y = tf.reverse(layer.apply(mirrored) as tf.Tensor, [1, 2])
    expectClose(y, reference.y)
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
