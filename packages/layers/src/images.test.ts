import { describeLayerContract, expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { BlurPool2D, blurPool } from './blur-pool-2d.js'
import { MinibatchStandardDeviation, minibatchStandardDeviation } from './minibatch-standard-deviation.js'
import { PixelShuffle2D, PixelUnshuffle2D, pixelShuffle, pixelUnshuffle } from './pixel-shuffle-2d.js'
import { ReflectionPadding2D, reflectionPadding } from './reflection-padding-2d.js'
import { registerLayers } from './register-layers.js'
import { repeatPixels, UpsampleConvolution2D } from './upsample-convolution-2d.js'

const register = registerLayers
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)

describeLayerContract('PixelShuffle2D', {
  make: () => new PixelShuffle2D({ factor: 2 }),
  inputShape: [2, 2, 3, 8],
  register,
  config: { factor: 2 },
  secondGradients: true,
  errors: [
    {
      because: 'the channels cannot be divided',
      run: () => new PixelShuffle2D({ name: 'up' }).apply(tf.ones([1, 2, 2, 6])),
      message:
        'PixelShuffle2D: expected channels that 4 (factor²) divides, got [1, 2, 2, 6] (layer up). Give the convolution before it channels · 4 filters.',
    },
    {
      because: 'factor is 0',
      run: () => new PixelShuffle2D({ factor: 0 }),
      message: 'PixelShuffle2D: expected factor to be an integer >= 1, got 0. Usual is 2.',
    },
  ],
})

describeLayerContract('PixelUnshuffle2D', {
  make: () => new PixelUnshuffle2D({ factor: 3 }),
  inputShape: [2, 3, 6, 2],
  register,
  config: { factor: 3 },
  secondGradients: true,
  errors: [
    {
      because: 'the height cannot be divided',
      run: () => new PixelUnshuffle2D({ name: 'down' }).apply(tf.ones([1, 3, 2, 6])),
      message:
        'PixelUnshuffle2D: expected height and width that 2 (factor) divides, got [1, 3, 2, 6] (layer down). Pad or crop the picture.',
    },
  ],
})

describeLayerContract('ReflectionPadding2D', {
  make: () =>
    new ReflectionPadding2D({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
  inputShape: [2, 3, 4, 2],
  register,
  config: {
    padding: [
      [1, 2],
      [0, 3],
    ],
  },
  secondGradients: true,
  errors: [
    {
      because: 'the padding is negative',
      run: () => new ReflectionPadding2D({ padding: -1, name: 'pad' }),
      message:
        'ReflectionPadding2D: expected padding to be an integer >= 0, [rows, columns] or [[top, bottom], [left, right]], got -1 (layer pad). Use (kernelSize - 1) / 2 to keep the size.',
    },
    {
      because: 'the picture is too small',
      run: () => new ReflectionPadding2D({ padding: 3, name: 'pad' }).apply(tf.ones([1, 3, 5, 1])),
      message:
        'ReflectionPadding2D: expected a picture larger than its padding [[3,3],[3,3]], got [1, 3, 5, 1] (layer pad). Use less padding.',
    },
  ],
})

describeLayerContract('BlurPool2D', {
  make: () => new BlurPool2D({ kernelSize: 4 }),
  inputShape: [2, 5, 4, 2],
  register,
  config: { kernelSize: 4, strides: 2 },
  secondGradients: true,
  errors: [
    {
      because: 'the filter is too large',
      run: () => new BlurPool2D({ kernelSize: 9, name: 'blur' }),
      message:
        'BlurPool2D: expected kernelSize to be an integer from 1 to 7, got 9 (layer blur). Usual is 3; 5 blurs more.',
    },
    {
      because: 'the picture is too small',
      run: () => new BlurPool2D({ kernelSize: 5, name: 'blur' }).apply(tf.ones([1, 2, 5, 1])),
      message:
        'BlurPool2D: expected height and width of at least 3 for kernelSize 5, got [1, 2, 5, 1] (layer blur). Use a smaller kernelSize.',
    },
  ],
})

describeLayerContract('MinibatchStandardDeviation', {
  make: () => new MinibatchStandardDeviation({ groupSize: 2, features: 2 }),
  inputShape: [4, 2, 3, 4],
  register,
  config: { groupSize: 2, features: 2 },
  secondGradients: { step: 3e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'the features do not divide the channels',
      run: () => new MinibatchStandardDeviation({ features: 2 }).apply(tf.ones([4, 2, 2, 3])),
      message:
        'MinibatchStandardDeviation: expected features to divide the channels, got channels=3, features=2. Choose features from 1, 3.',
    },
  ],
})

describeLayerContract('UpsampleConvolution2D', {
  make: () => new UpsampleConvolution2D({ filters: 3, size: 2 }),
  inputShape: [2, 2, 3, 2],
  register,
  config: { filters: 3, size: 2, kernelSize: 3, useBias: true },
  secondGradients: { tolerance: 0.02 },
  errors: [
    {
      because: 'filters is missing',
      run: () => new UpsampleConvolution2D({} as never),
      message:
        'UpsampleConvolution2D: expected filters to be an integer >= 1, got undefined. Usual are kernelSize 3 and size 2.',
    },
    {
      because: 'the input is a sequence',
      run: () => new UpsampleConvolution2D({ filters: 1, name: 'up' }).apply(tf.ones([1, 2, 3])),
      message:
        'UpsampleConvolution2D: expected an input [batch, height, width, channels] with a known number of channels, got [1, 2, 3] (layer up). Use feature maps of pictures.',
    },
  ],
})

describe('pixelShuffle and pixelUnshuffle', () => {
  test('undo each other', () => {
    const x = random([2, 4, 6, 3], 1)
    expect(pixelShuffle(pixelUnshuffle(x, 2), 2).dataSync()).toEqual(x.dataSync())
  })

  test('put channel c · 4 + 2 · i + j at row i and column j of channel c', () => {
    const y = pixelShuffle(tf.reshape(tf.range(0, 8), [1, 1, 1, 8]), 2)
    expect(y.shape).toEqual([1, 2, 2, 2])
    expect([...y.dataSync()]).toEqual([0, 4, 1, 5, 2, 6, 3, 7])
  })
})

describe('reflectionPadding', () => {
  test('does not repeat the border', () => {
    const x = tf.tensor4d([1, 2, 3], [1, 1, 3, 1])
    const rows = reflectionPadding(x, [
      [0, 0],
      [2, 2],
    ])
    expect([...rows.dataSync()]).toEqual([3, 2, 1, 2, 3, 2, 1])
  })

  test('equals tf.mirrorPad', () => {
    const x = random([2, 4, 5, 3], 2)
    const padding: [[number, number], [number, number]] = [
      [3, 1],
      [2, 4],
    ]
    const expected = tf.mirrorPad(x, [[0, 0], ...padding, [0, 0]], 'reflect')
    expect(reflectionPadding(x, padding).dataSync()).toEqual(expected.dataSync())
  })
})

describe('blurPool', () => {
  test.each([2, 3, 4, 5, 6, 7])('of size %i keeps a constant picture', (kernelSize) => {
    expectClose(blurPool(tf.fill([1, 9, 8, 2], 3), { kernelSize }), new Array(5 * 4 * 2).fill(3))
  })

  test('changes less than reading every other pixel when the picture moves by one', () => {
    const picture = random([1, 17, 17, 1], 4)
    const part = (by: number) => tf.slice(picture, [0, by, by, 0], [1, 16, 16, 1])
    const change = (pool: (x: tf.Tensor) => tf.Tensor) =>
      tf.mean(tf.square(tf.sub(pool(part(0)), pool(part(1))))).dataSync()[0]!
    const every = (x: tf.Tensor) => blurPool(x, { kernelSize: 1 })
    expect(change((x) => blurPool(x))).toBeLessThan(change(every) / 4)
  })
})

describe('minibatchStandardDeviation', () => {
  test('is almost 0 for equal pictures and the deviation for different ones', () => {
    const same = minibatchStandardDeviation(tf.ones([4, 2, 2, 3]))
    expectClose(tf.slice(same, [0, 0, 0, 3], [4, 2, 2, 1]), new Array(16).fill(1e-4))
    const different = tf.concat([tf.zeros([2, 2, 2, 3]), tf.fill([2, 2, 2, 3], 6)], 0)
    const spread = tf.slice(minibatchStandardDeviation(different), [0, 0, 0, 3], [4, 2, 2, 1])
    expectClose(spread, new Array(16).fill(3))
  })

  test('takes smaller groups when the batch cannot be divided', () => {
    const x = random([5, 2, 2, 3], 1)
    expect(minibatchStandardDeviation(x).shape).toEqual([5, 2, 2, 4])
    expectClose(
      minibatchStandardDeviation(random([6, 2, 2, 3], 1)),
      minibatchStandardDeviation(random([6, 2, 2, 3], 1), { groupSize: 3 }).dataSync(),
    )
  })
})

describe.each([2, 3])('repeatPixels by %i', (size) => {
  const weighted = (x: tf.Tensor) => {
    const y = repeatPixels(x, size)
    return tf.sum(tf.mul(tf.square(y), tf.cos(tf.reshape(tf.range(0, y.size), y.shape)))) as tf.Scalar
  }

  test('equals tf.image.resizeNearestNeighbor', () => {
    const x = random([2, 3, 4, 2], 3) as tf.Tensor4D
    const expected = tf.image.resizeNearestNeighbor(x, [3 * size, 4 * size])
    expect(repeatPixels(x, size).dataSync()).toEqual(expected.dataSync())
  })

  test('has a gradient for each picture of a batch, and one of that', () => {
    const x = random([2, 3, 4, 2], 3)
    expectGradientsMatch((input) => weighted(input!), [x])
    const slope = tf.grad(weighted)
    expectGradientsMatch((input) => tf.sum(tf.square(slope(input!))) as tf.Scalar, [x])
  })
})

test('layers of pictures work for unknown sizes', () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.inputLayer({ inputShape: [null, null, 4] }),
      new ReflectionPadding2D(),
      new BlurPool2D(),
      new PixelShuffle2D(),
      new UpsampleConvolution2D({ filters: 2 }),
      new PixelUnshuffle2D(),
      new MinibatchStandardDeviation(),
    ],
  })
  expect(model.outputShape).toEqual([null, null, null, 9])
  expect((model.predict(tf.ones([2, 6, 4, 4])) as tf.Tensor).shape).toEqual([2, 8, 6, 9])
})
