import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { AdaptiveGroupNormalization, ConditionalBatchNormalization, FiLM } from './feature-modulation.js'
import { GEGLU, SwiGLU } from './gated-linear-units.js'
import { GlobalResponseNormalization } from './global-response-normalization.js'
import { LayerScale } from './layer-scale.js'
import { ModulatedConvolution2D } from './modulated-convolution-2d.js'
import { NoiseInjection } from './noise-injection.js'
import { RotaryPositions, SinusoidalPositions, TimestepEmbedding } from './position-layers.js'
import { rotatePositions } from './positions.js'
import { registerLayers } from './register-layers.js'

const register = registerLayers
const secondGradients = { step: 3e-3, tolerance: 0.03 }

describeLayerContract('FiLM', {
  make: () => new FiLM({ kernelInitializer: 'heNormal' }),
  inputShape: [
    [2, 3, 4],
    [2, 5],
  ],
  register,
  secondGradients,
  config: { kernelRegularizer: null },
  errors: [
    {
      because: 'the condition is a sequence',
      run: () => new FiLM({ name: 'film' }).apply([tf.ones([2, 3, 4]), tf.ones([2, 3, 4])]),
      message:
        'FiLM: expected [x, condition] with x [batch, ..., channels] and condition [batch, features], got [2, 3, 4], [2, 3, 4] (layer film). Make a vector of the condition, for example with an embedding or a dense layer.',
    },
  ],
})

describeLayerContract('AdaptiveGroupNormalization', {
  make: () => new AdaptiveGroupNormalization({ groups: 2, epsilon: 0.1 }),
  inputShape: [
    [2, 3, 2, 4],
    [2, 3],
  ],
  register,
  secondGradients,
  config: { groups: 2, epsilon: 0.1 },
  errors: [
    {
      because: 'the groups do not divide the channels',
      run: () => new AdaptiveGroupNormalization({ groups: 4 }).apply([tf.ones([1, 2, 6]), tf.ones([1, 2])]),
      message:
        'AdaptiveGroupNormalization: expected groups to divide the channels, got channels=6, groups=4. Choose groups from 1, 2, 3, 6.',
    },
  ],
})

for (const training of [false, true]) {
  describeLayerContract(`ConditionalBatchNormalization, training: ${training}`, {
    make: () => new ConditionalBatchNormalization({ epsilon: 0.1, momentum: 0.5 }),
    inputShape: [
      [3, 2, 4],
      [3, 2],
    ],
    register,
    callArguments: { training },
    secondGradients,
    config: { epsilon: 0.1, momentum: 0.5 },
    errors: [
      {
        because: 'momentum is 1',
        run: () => new ConditionalBatchNormalization({ momentum: 1, name: 'norm' }),
        message:
          'ConditionalBatchNormalization: expected momentum in [0, 1), got 1 (layer norm). Usual are 0.9 and 0.99.',
      },
    ],
  })
}

for (const Unit of [GEGLU, SwiGLU]) {
  describeLayerContract(Unit.className, {
    make: () => new Unit({ units: 3, useBias: true }),
    inputShape: [2, 3, 4],
    register,
    secondGradients,
    config: { units: 3, useBias: true, biasRegularizer: null },
    errors: [
      {
        because: 'units is missing',
        run: () => new Unit({} as never),
        message: `${Unit.className.replace('Dlkit', '')}: expected units to be an integer >= 1, got undefined. Usual are 8/3 of the features, for as many weights as a hidden layer of 4 times as many.`,
      },
    ],
  })
}

describeLayerContract('LayerScale', {
  make: () => new LayerScale({ initialValue: 0.1 }),
  inputShape: [2, 3, 4],
  register,
  secondGradients: true,
  config: { initialValue: 0.1 },
  errors: [
    {
      because: 'the value is no number',
      run: () => new LayerScale({ initialValue: Number.NaN }),
      message: 'LayerScale: expected initialValue to be a finite number, got NaN. Usual are 1e-6 to 0.1.',
    },
  ],
})

describeLayerContract('GlobalResponseNormalization', {
  make: () => new GlobalResponseNormalization({ epsilon: 0.1 }),
  inputShape: [2, 3, 2, 4],
  register,
  secondGradients,
  config: { epsilon: 0.1 },
})

describeLayerContract('ModulatedConvolution2D', {
  make: () => new ModulatedConvolution2D({ filters: 3, kernelSize: 2 }),
  inputShape: [
    [2, 3, 4, 2],
    [2, 3],
  ],
  register,
  secondGradients: { step: 3e-3, tolerance: 0.05 },
  config: { filters: 3, kernelSize: 2, demodulate: true, useBias: true },
  errors: [
    {
      because: 'the latent is missing',
      run: () => new ModulatedConvolution2D({ filters: 3, name: 'style' }).apply(tf.ones([1, 2, 2, 3])),
      message:
        'ModulatedConvolution2D: expected [x, latent] with x [batch, height, width, channels] and latent [batch, features], got [1, 2, 2, 3] (layer style). Use tf.layers.conv2d without a latent.',
    },
  ],
})

describeLayerContract('NoiseInjection', {
  make: () => new NoiseInjection({ seed: 3 }),
  inputShape: [2, 3, 4, 2],
  register,
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as NoiseInjection).calls = 2
  },
  secondGradients: true,
  config: { seed: 3 },
})

describeLayerContract('SinusoidalPositions', {
  make: () => new SinusoidalPositions({ base: 100 }),
  inputShape: [2, 3, 4],
  register,
  secondGradients: true,
  config: { base: 100 },
  errors: [
    {
      because: 'the features are odd',
      run: () => new SinusoidalPositions({ name: 'order' }).apply(tf.ones([1, 2, 3])),
      message:
        'SinusoidalPositions: expected an input [batch, ..., positions, features] with an even number of features, got [1, 2, 3] (layer order). Add a dense layer before it.',
    },
  ],
})

describeLayerContract('RotaryPositions', {
  make: () => new RotaryPositions(),
  inputShape: [2, 3, 5, 4],
  register,
  secondGradients: true,
  config: { base: 10_000 },
})

describeLayerContract('TimestepEmbedding', {
  make: () => new TimestepEmbedding({ features: 4, base: 50 }),
  inputShape: [3, 1],
  register,
  secondGradients,
  config: { features: 4, base: 50 },
  errors: [
    {
      because: 'there are several numbers per example',
      run: () => new TimestepEmbedding({ features: 4, name: 'time' }).apply(tf.ones([2, 3])),
      message:
        'TimestepEmbedding: expected an input [batch] or [batch, 1], got [2, 3] (layer time). Use SinusoidalPositions for sequences.',
    },
  ],
})

describe('blocks', () => {
  const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0.5, 2, 'float32', seed)

  test('a condition changes nothing at first', () => {
    const [x, condition] = [random([2, 3, 4, 6], 1), random([2, 5], 2)]
    expectClose(new FiLM().apply([x, condition]) as tf.Tensor, x.dataSync())
  })

  test('conditional batch normalization has mean 0 and variance 1 in training and learns both for inference', () => {
    const layer = new ConditionalBatchNormalization({ momentum: 0 })
    const [x, condition] = [random([16, 5, 3], 1), random([16, 2], 2)]
    const trained = layer.apply([x, condition], { training: true }) as tf.Tensor
    const { mean, variance } = tf.moments(trained, [0, 1])
    expectClose(mean, [0, 0, 0])
    expectClose(variance, [1, 1, 1], { absolute: 1e-4 })
    expectClose(layer.apply([x, condition]) as tf.Tensor, trained.dataSync(), { absolute: 1e-5 })
  })

  test('products of rotated queries and keys depend on their distance only', () => {
    const [query, key] = [random([1, 8], 1), random([1, 8], 2)]
    const repeated = (x: tf.Tensor) => rotatePositions(tf.tile(x, [6, 1]))
    const products = tf.matMul(repeated(query), repeated(key), false, true).arraySync() as number[][]
    for (const distance of [0, 1, 2, 3]) {
      expect(products[distance + 2]![2]!).toBeCloseTo(products[distance]![0]!, 3)
      expect(products[1]![distance + 1]!).toBeCloseTo(products[0]![distance]!, 3)
    }
    expect(Math.abs(products[3]![0]! - products[0]![0]!)).toBeGreaterThan(0.1)
  })

  test('a demodulated convolution does not see how large the style is', () => {
    const layer = new ModulatedConvolution2D({ filters: 3 })
    const [x, latent] = [random([2, 4, 5, 3], 1), random([2, 4], 2)]
    const y = (layer.apply([x, latent]) as tf.Tensor).dataSync()
    for (const weight of layer.weights) {
      if (/style/.test(weight.originalName)) weight.write(tf.mul(weight.read(), 3))
    }
    expectClose(layer.apply([x, latent]) as tf.Tensor, y, { absolute: 1e-4 })
  })

  test('noise is other noise in each training call, and none at inference or at first', () => {
    const layer = new NoiseInjection({ seed: 1 })
    const x = random([1, 3, 4, 2], 1)
    const train = () => (layer.apply(x, { training: true }) as tf.Tensor).dataSync()
    expect(train()).toEqual(x.dataSync())
    layer.setWeights([tf.scalar(1)])
    const [first, second] = [train(), train()]
    expect(first).not.toEqual(second)
    expect((layer.apply(x) as tf.Tensor).dataSync()).toEqual(x.dataSync())
    const noise = first.map((value, index) => value - x.dataSync()[index]!)
    for (let pixel = 0; pixel < 12; pixel++) expect(noise[2 * pixel]).toBeCloseTo(noise[2 * pixel + 1]!, 5)
  })
})
