import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { registerLayers } from './register-layers.js'
import { SelfAttention2D } from './self-attention-2d.js'
import { WeightNormalization } from './weight-normalization.js'

const register = registerLayers
const random = (shape: number[], seed = 1) => tf.randomNormal(shape, 0, 1, 'float32', seed)

describeLayerContract('WeightNormalization of a dense layer', {
  make: () => new WeightNormalization({ layer: tfl.layers.dense({ units: 3 }) }),
  inputShape: [2, 4],
  register,
  config: { layer: { className: 'Dense' } },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'there is nothing to normalize',
      run: () =>
        new WeightNormalization({ layer: tfl.layers.layerNormalization({ name: 'ln' }) }).apply(
          tf.ones([2, 3]),
        ),
      message:
        'WeightNormalization: expected a layer with a kernel, got LayerNormalization ln with the weights [gamma, beta]. Wrap dense, convolution, embedding, recurrent or attention layers.',
    },
    {
      because: 'a layer with an activation is initialized from data',
      run: () =>
        new WeightNormalization({
          layer: tfl.layers.dense({ units: 3, activation: 'relu', name: 'hidden' }),
        }).initializeFrom(tf.ones([2, 3])),
      message:
        'WeightNormalization.initializeFrom: expected a dense or convolution layer without an activation, got Dense hidden (activation relu, 1 kernels). Give the activation a layer of its own, or leave the call out.',
    },
  ],
})

describeLayerContract('WeightNormalization of a transposed convolution', {
  make: () => new WeightNormalization({ layer: tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }) }),
  inputShape: [2, 4, 3, 2],
  register,
  secondGradients: { tolerance: 0.02 },
})

describeLayerContract('WeightNormalization of a depthwise convolution', {
  make: () =>
    new WeightNormalization({ layer: tfl.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }) }),
  inputShape: [2, 4, 3, 2],
  register, // tfjs has no second derivative of depthwise convolutions
})

describeLayerContract('WeightNormalization of a bidirectional LSTM', {
  make: () =>
    new WeightNormalization({
      layer: tfl.layers.bidirectional({
        layer: tfl.layers.lstm({ units: 2, recurrentInitializer: 'heNormal' }) as tfl.RNN,
        mergeMode: 'concat',
      }),
    }),
  inputShape: [2, 3, 4],
  register,
})

/** A layer without bias and the same one wrapped, with a way to read the kernel that it applies. */
const dense = (units: number, kernelInitializer: 'zeros' | 'heNormal' = 'heNormal') =>
  new WeightNormalization({ layer: tfl.layers.dense({ units, useBias: false, kernelInitializer }) })
const appliedKernel = (layer: WeightNormalization, inputs: number) => layer.apply(tf.eye(inputs)) as tf.Tensor
const gainsOf = (layer: tfl.layers.Layer) =>
  layer.weights.filter(({ originalName }) => originalName.endsWith('_g'))

describe('WeightNormalization', () => {
  const wrapped: [string, () => tfl.layers.Layer, number[], number[]][] = [
    ['dense', () => tfl.layers.dense({ units: 3 }), [2, 4], [3]],
    ['conv1d', () => tfl.layers.conv1d({ filters: 3, kernelSize: 2 }), [2, 5, 2], [3]],
    ['conv2d', () => tfl.layers.conv2d({ filters: 3, kernelSize: 2 }), [2, 4, 3, 2], [3]],
    ['conv3d', () => tfl.layers.conv3d({ filters: 3, kernelSize: 2 }), [1, 3, 4, 3, 2], [3]],
    ['conv2dTranspose', () => tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }), [2, 4, 3, 2], [3]],
    [
      'depthwiseConv2d',
      () => tfl.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 3 }),
      [2, 4, 3, 2],
      [6],
    ],
    [
      'separableConv2d',
      () => tfl.layers.separableConv2d({ filters: 3, kernelSize: 2 }),
      [2, 4, 3, 2],
      [2, 3],
    ],
    [
      'a transposed convolution of each step',
      () => tfl.layers.timeDistributed({ layer: tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }) }),
      [2, 3, 4, 3, 2],
      [3],
    ],
    [
      'bidirectional',
      () =>
        tfl.layers.bidirectional({
          layer: tfl.layers.gru({ units: 3, recurrentInitializer: 'heNormal' }) as tfl.RNN,
          mergeMode: 'sum',
        }),
      [2, 4, 5],
      [9, 9, 9, 9],
    ],
    ['lstm', () => tfl.layers.lstm({ units: 3, recurrentInitializer: 'heNormal' }), [2, 4, 5], [12, 12]],
    ['SelfAttention2D', () => new SelfAttention2D({ channelReduction: 2 }), [2, 3, 2, 4], [2, 2, 2, 4]],
  ]

  test.each(wrapped)(
    'wraps %s: it changes nothing, and then the size of kernels does not count',
    (_, make, shape, sizes) => {
      const inner = make()
      const x = random(shape)
      const plain = (inner.apply(x) as tf.Tensor).dataSync()
      const layer = new WeightNormalization({ layer: inner })
      expectClose(layer.apply(x) as tf.Tensor, plain)
      expect(gainsOf(layer).map((gain) => gain.shape)).toEqual(sizes.map((size) => [size]))
      for (const weight of inner.weights) {
        if (/kernel$/.test(weight.originalName)) weight.write(tf.mul(weight.read(), 7))
      }
      expectClose(layer.apply(x) as tf.Tensor, plain)
    },
  )

  test('gives each output the length of its gain', () => {
    const layer = dense(3)
    layer.build([null, 5])
    gainsOf(layer)[0]!.write(tf.tensor1d([2, 0.5, -3]))
    expectClose(tf.norm(appliedKernel(layer, 5), 2, 0), [2, 0.5, 3])
  })

  test.each([1e-11, 1e-9, 1e18, 1e30])('is right for kernels of size %d', (size) => {
    const layer = dense(3)
    layer.build([null, 5])
    const before = appliedKernel(layer, 5).dataSync()
    layer.layer.weights[0]!.write(tf.mul(layer.layer.weights[0]!.read(), size))
    expectClose(appliedKernel(layer, 5), before)
    const again = new WeightNormalization({ layer: layer.layer })
    again.build([null, 5])
    expectClose(tf.div(gainsOf(again)[0]!.read(), size), gainsOf(layer)[0]!.read().dataSync())
  })

  test.each<[string, () => tf.Optimizer]>([
    ['Adam', () => tf.train.adam(0.02)],
    ['gradient descent', () => tf.train.sgd(0.5)],
  ])('a kernel of zeros gives zeros, has a finite gradient and trains with %s', (_, makeOptimizer) => {
    const layer = dense(4, 'zeros')
    const x = random([16, 6])
    const target = tf.matMul(x, random([6, 4], 2))
    layer.build([null, 6])
    const [kernel, gain] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const loss = () => tf.losses.meanSquaredError(target, layer.apply(x) as tf.Tensor) as tf.Scalar
    expectClose(appliedKernel(layer, 6), new Array(24).fill(0))
    const { grads } = tf.variableGrads(loss, [kernel!, gain!])
    // Where the kernel is zero the layer is a plain dense one: the gradient of mean((xW - t)²) by W.
    expectClose(grads[kernel!.name]!, tf.mul(-2 / 64, tf.matMul(x, target, true)).dataSync())
    expectClose(grads[gain!.name]!, [0, 0, 0, 0])
    const start = loss().dataSync()[0]!
    const optimizer = makeOptimizer()
    for (let step = 0; step < 200; step++) optimizer.minimize(loss, false, [kernel!, gain!])
    expect(loss().dataSync()[0]).toBeLessThan(start / 4)
  })

  test('one output of zeros leaves the others right and finite', () => {
    const layer = dense(2)
    layer.build([null, 3])
    layer.layer.weights[0]!.write(tf.tensor2d([3, 0, 4, 0, 0, 0], [3, 2]))
    gainsOf(layer)[0]!.write(tf.tensor1d([10, 10]))
    expectClose(appliedKernel(layer, 3), [6, 0, 8, 0, 0, 0])
  })

  test('what is not finite is not hidden', () => {
    const layer = dense(2)
    layer.build([null, 3])
    layer.layer.weights[0]!.write(tf.tensor2d([3, Number.NaN, 4, 0, 0, 0], [3, 2]))
    expect([...(layer.apply(tf.ones([1, 3])) as tf.Tensor).dataSync()].map(Number.isNaN)).toEqual([
      false,
      true,
    ])
  })

  test.each<[string, () => tfl.layers.Layer, number[]]>([
    ['dense', () => tfl.layers.dense({ units: 3 }), [64, 4]],
    ['depthwise', () => tfl.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }), [8, 5, 4, 2]],
    ['transposed', () => tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2 }), [8, 5, 4, 2]],
  ])('outputs of %s initialized from data have mean 0 and deviation 1', (_, make, shape) => {
    const layer = new WeightNormalization({ layer: make() })
    const x = tf.add(tf.mul(random(shape), 30), 100)
    const before = tf.memory().numTensors
    layer.initializeFrom(x)
    expect(tf.memory().numTensors - before).toBe(layer.weights.length)
    const y = layer.apply(x) as tf.Tensor
    const { mean, variance } = tf.moments(y, [...shape.keys()].slice(0, -1))
    const channels = y.shape.at(-1)!
    expectClose(mean, new Array(channels).fill(0), { absolute: 1e-4 })
    expectClose(variance, new Array(channels).fill(1), { absolute: 1e-3 })
  })

  test('an output that does not vary keeps its gain', () => {
    const layer = new WeightNormalization({ layer: tfl.layers.dense({ units: 2 }) })
    layer.build([null, 3])
    const before = gainsOf(layer)[0]!.read().dataSync()
    layer.initializeFrom(tf.ones([4, 3]))
    expectClose(gainsOf(layer)[0]!.read(), before)
    expectClose(layer.apply(tf.ones([4, 3])) as tf.Tensor, new Array(8).fill(0))
  })

  test('takes the weights that the wrapped layer was given', () => {
    const weights = [tf.tensor2d([3, 1, 4, 2], [2, 2]), tf.tensor1d([7, 8])]
    const layer = new WeightNormalization({ layer: tfl.layers.dense({ units: 2, weights }) })
    expectClose(layer.apply(tf.eye(2)) as tf.Tensor, [10, 9, 11, 10])
  })

  test('wraps an embedding, whose features are the outputs', () => {
    const layer = new WeightNormalization({ layer: tfl.layers.embedding({ inputDim: 5, outputDim: 3 }) })
    const ids = tf.range(0, 5, 1, 'int32')
    layer.apply(ids)
    gainsOf(layer)[0]!.write(tf.tensor1d([1, 2, 3]))
    expectClose(tf.norm(layer.apply(ids) as tf.Tensor, 2, 0), [1, 2, 3])
  })

  test('the wrapped layer reads its own kernel again afterwards, after an error, too', () => {
    const layer = dense(4)
    layer.build([null, 6])
    const read = layer.layer.weights[0]!.read
    layer.apply(tf.ones([2, 6]))
    expect(layer.layer.weights[0]!.read).toBe(read)
    expect(() => layer.call(tf.ones([2, 5]), {})).toThrow()
    expect(layer.layer.weights[0]!.read).toBe(read)
  })

  test('trains kernel and gain with model.fit, passes the regularizer on, and can be frozen', async () => {
    const kernelRegularizer = tfl.regularizers.l2({ l2: 1e-3 })
    const inner = tfl.layers.dense({ units: 2, kernelRegularizer, kernelInitializer: 'heNormal' })
    const layer = new WeightNormalization({ layer: inner, inputShape: [3] })
    const model = tfl.sequential({ layers: [layer] })
    expect(layer.calculateLosses()).toHaveLength(1)
    expect(model.countParams()).toBe(3 * 2 + 2 + 2)
    expect(model.trainableWeights).toHaveLength(3)
    model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' })
    const x = random([32, 3])
    const before = layer.getWeights().map((weight) => [...weight.dataSync()])
    const y = tf.mul(5, tf.slice(x, [0, 1], [32, 2]))
    const { history } = await model.fit(x, y, { epochs: 100, batchSize: 32, verbose: 0 })
    const losses = history.loss as number[]
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4)
    for (const [index, weight] of layer.getWeights().entries()) {
      expect([...weight.dataSync()]).not.toEqual(before[index])
    }
    layer.trainable = false
    expect(model.trainableWeights).toEqual([])
    expect(model.nonTrainableWeights).toHaveLength(3)
  })

  test('the gain of a frozen layer within the wrapped one is frozen, too', () => {
    const [first, second] = [tfl.layers.dense({ units: 2, inputShape: [3] }), tfl.layers.dense({ units: 2 })]
    const layer = new WeightNormalization({ layer: tfl.sequential({ layers: [first, second] }) })
    layer.apply(tf.ones([1, 3]))
    first.trainable = false
    expect(layer.trainableWeights).toHaveLength(3)
    expect(layer.nonTrainableWeights).toHaveLength(3)
  })

  test('disposing the model frees everything', () => {
    const before = tf.memory().numTensors
    const layer = new WeightNormalization({ layer: tfl.layers.dense({ units: 2 }), inputShape: [3] })
    tfl.sequential({ layers: [layer] }).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
