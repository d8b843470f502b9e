import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import { onnxruntimeStats, resetOnnxruntimeStats, useOnnxRuntime } from '../src/index.js'
import { expectTrainsInOneGraph, minimizing, random, reseed, weights } from './compare-training.js'
import { network, pix2pix, residualNetwork, seedWeights, transformer } from './models.js'

beforeAll(() => useOnnxRuntime({ threads: 1 }))

const mse = (a: tf.Tensor, b: tf.Tensor) => tf.losses.meanSquaredError(a, b) as tf.Scalar

describe('one graph per step, from the third step on, with the losses of cpu:', () => {
  test('pix2pix: a U-Net and a PatchGAN, updated in turn', () => {
    expectTrainsInOneGraph(() => pix2pix({ size: 16, batch: 2, filters: 4 }), { steps: 5 })
  })

  test('a residual network with batch normalization', () => {
    expectTrainsInOneGraph(() => residualNetwork({ size: 8, batch: 4, filters: 6 }))
  })

  test('a transformer', () => {
    expectTrainsInOneGraph(() => transformer({ batch: 3, length: 5, width: 8, vocabulary: 11 }))
  })

  test.each(['lstm', 'gru', 'simpleRNN'] as const)('%s', (kind) => {
    expectTrainsInOneGraph(() => {
      const model = tfl.sequential({
        layers: [
          tfl.layers[kind]({ units: 5, inputShape: [4, 3], recurrentInitializer: 'glorotNormal' }),
          tfl.layers.dense({ units: 2 }),
        ],
      })
      return network(model, random([3, 4, 3]), random([3, 2]), tf.train.adam(0.01), mse)
    })
  })

  test('depthwise-separable and depthwise convolutions', () => {
    expectTrainsInOneGraph(() => {
      const model = tfl.sequential({
        layers: [
          tfl.layers.separableConv2d({
            filters: 6,
            kernelSize: 3,
            padding: 'same',
            activation: 'relu',
            inputShape: [8, 6, 3],
          }),
          tfl.layers.depthwiseConv2d({
            kernelSize: [3, 2],
            strides: [2, 2],
            depthMultiplier: 2,
            padding: 'same',
          }),
          tfl.layers.globalAveragePooling2d({}),
          tfl.layers.dense({ units: 2 }),
        ],
      })
      return network(model, random([2, 8, 6, 3]), random([2, 2]), tf.train.sgd(0.1), mse)
    })
  })

  test('transposed convolutions', () => {
    expectTrainsInOneGraph(() => {
      const model = tfl.sequential({
        layers: [
          tfl.layers.conv2d({
            filters: 6,
            kernelSize: 4,
            strides: 2,
            padding: 'same',
            activation: 'elu',
            inputShape: [8, 6, 2],
          }),
          tfl.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
          tfl.layers.leakyReLU({ alpha: 0.2 }),
          tfl.layers.conv2dTranspose({ filters: 2, kernelSize: 3, padding: 'valid' }),
        ],
      })
      return network(model, random([2, 8, 6, 2]), random([2, 10, 8, 2]), tf.train.sgd(0.1), mse)
    })
  })

  test.each([1, 2] as const)('1-D convolutions of stride %i', (stride) => {
    expectTrainsInOneGraph(() => {
      const [x, filter, target] = [
        random([2, 9, 3]),
        weights([4, 3, 5]),
        random([2, Math.ceil(9 / stride), 5]),
      ]
      const loss = () =>
        mse(target, tf.relu(tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor as tf.Tensor3D, stride, 'same')))
      return minimizing([filter], loss, tf.train.sgd(0.1), [x, target])
    })
  })

  test.each(['same', 'valid'] as const)('3-D convolutions and pooling of padding "%s"', (padding) => {
    expectTrainsInOneGraph(() => {
      const x = random([2, 6, 7, 8, 2]) as tf.Tensor5D
      const [first, second, third] = [
        weights([3, 2, 3, 2, 4]),
        weights([2, 2, 2, 4, 3]),
        weights([1, 1, 1, 3, 3]),
      ]
      const loss = () => {
        const filter = (variable: tf.Variable) => variable as tf.Tensor as tf.Tensor5D
        const hidden = tf.relu(tf.conv3d(x, filter(first), [1, 2, 2], padding)) as tf.Tensor5D
        const pooled = tf.maxPool3d(hidden, 2, 1, padding)
        const strided = tf.conv3d(tf.conv3d(pooled, filter(second), 1, padding), filter(third), 2, padding)
        return tf.mean<tf.Scalar>(tf.square(tf.avgPool3d(strided, [1, 2, 1], 1, 'same')))
      }
      return minimizing([first, second, third], loss, tf.train.sgd(0.1), [x])
    })
  })

  test('a dilated convolution in front of a trained one', () => {
    expectTrainsInOneGraph(() => {
      const [x, fixed, trained] = [random([2, 9, 8, 3]), random([3, 3, 3, 4]), weights([3, 2, 4, 2])]
      const loss = () => {
        const wide = tf.conv2d(x as tf.Tensor4D, fixed as tf.Tensor4D, 1, 'same', 'NHWC', [2, 3])
        const atrous = tf.depthwiseConv2d(wide, tf.ones([2, 2, 4, 1]), 1, 'same', 'NHWC', 2)
        return tf.mean<tf.Scalar>(
          tf.square(tf.conv2d(atrous, trained as tf.Tensor as tf.Tensor4D, [2, 1], 'valid')),
        )
      }
      return minimizing([trained], loss, tf.train.sgd(0.05), [x, fixed])
    })
  })

  test.each([
    ['max', 2, 2],
    ['max', 3, 2],
    ['max', 3, 1],
    ['avg', 2, 2],
    ['avg', 3, 2],
  ] as const)('%s pooling of %i with stride %i', (kind, size, stride) => {
    expectTrainsInOneGraph(() => {
      const [x, filter] = [random([2, 9, 7, 2]), weights([3, 3, 2, 4])]
      const loss = () => {
        const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor as tf.Tensor4D, 1, 'same')
        const pooled =
          kind === 'max' ? tf.maxPool(y, size, stride, 'same') : tf.avgPool(y, size, stride, 'same')
        return tf.mean<tf.Scalar>(tf.square(tf.sub(pooled, 1)))
      }
      return minimizing([filter], loss, tf.train.sgd(0.1), [x])
    })
  })

  test.each([
    ['bilinear', [10, 10], false],
    ['bilinear', [7, 9], true],
    ['nearest', [10, 10], false],
    ['nearest', [7, 9], false],
    ['nearest', [3, 2], true],
  ] as const)('%s resizing to %j, corners aligned: %s', (kind, size, alignCorners) => {
    expectTrainsInOneGraph(() => {
      // One square picture: the gradients of resizing of the cpu backend mix up pictures, and height with width.
      const [x, filter] = [random([1, 5, 5, 2]), weights([3, 3, 2, 3])]
      const resize = kind === 'bilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor
      const loss = () => {
        const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor as tf.Tensor4D, 1, 'same')
        return tf.mean<tf.Scalar>(tf.square(tf.sub(resize(y, [...size], alignCorners), 1)))
      }
      return minimizing([filter], loss, tf.train.sgd(0.1), [x])
    })
  })

  test('gather, unsorted segment sums, gatherND and scatterND', () => {
    expectTrainsInOneGraph(() => {
      const table = weights([6, 3])
      const rows = tf.tensor1d([4, 0, 4, 2], 'int32')
      const segments = tf.tensor1d([1, 0, 1, 1], 'int32')
      const places = tf.tensor2d([[0], [2], [0], [1]], [4, 1], 'int32')
      const constant = random([4, 3])
      const loss = () => {
        const sums = tf.unsortedSegmentSum(tf.gather(table, rows), segments, 2)
        // TensorFlow.js has no gradients of these two.
        const scattered = tf.scatterND(places, constant, [3, 3])
        const picked = tf.gatherND(constant, places)
        const parts = [
          tf.square(sums),
          tf.mul(scattered, tf.slice(table, 0, 3)),
          tf.mul(picked, tf.slice(table, 2)),
        ]
        return tf.addN(parts.map((part) => tf.sum(part))) as tf.Scalar
      }
      return minimizing([table], loss, tf.train.sgd(0.05), [rows, segments, places, constant])
    })
  })

  test('dropout with another mask in each step', () => {
    expectTrainsInOneGraph(() => {
      const [x, kernel] = [random([4, 6]), weights([6, 3])]
      let step = 0
      const loss = () => {
        const hidden = tf.dropout(
          tf.relu(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor as tf.Tensor2D)),
          0.4,
          undefined,
          `${++step}`,
        )
        return tf.mean<tf.Scalar>(tf.square(tf.sub(hidden, 1)))
      }
      return minimizing([kernel], loss, tf.train.sgd(0.1), [x])
    })
  })

  const optimizers: Record<string, () => tf.Optimizer> = {
    sgd: () => tf.train.sgd(0.1),
    momentum: () => tf.train.momentum(0.05, 0.9),
    'Nesterov momentum': () => tf.train.momentum(0.05, 0.9, true),
    adagrad: () => tf.train.adagrad(0.1),
    adadelta: () => tf.train.adadelta(0.5),
    adam: () => tf.train.adam(0.01),
    adamax: () => tf.train.adamax(0.01),
    rmsprop: () => tf.train.rmsprop(0.01),
    'centered rmsprop with momentum': () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-6, true),
  }
  test.each(Object.keys(optimizers))('the optimizer %s', (name) => {
    expectTrainsInOneGraph(() => {
      const [x, target] = [random([5, 4]), random([5, 3])]
      const [hidden, output, bias] = [weights([4, 6]), weights([6, 3]), weights([3])]
      const loss = () => mse(target, tf.add(tf.matMul(tf.tanh(tf.matMul(x, hidden)), output), bias))
      return minimizing([hidden, output, bias], loss, optimizers[name]!(), [x, target])
    })
  })

  test('a second derivative: the gradient penalty of a critic', () => {
    expectTrainsInOneGraph(() => {
      const x = random([2, 6, 5, 2]) as tf.Tensor4D
      const [filter, dense] = [weights([3, 3, 2, 4]), weights([6 * 5 * 4, 1])]
      const critic = (input: tf.Tensor) => {
        const hidden = tf.tanh(tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor as tf.Tensor4D, 1, 'same'))
        return tf.sum(tf.matMul(tf.reshape(hidden, [2, -1]), dense as tf.Tensor as tf.Tensor2D))
      }
      const loss = () => {
        const slopes = tf.grad(critic)(x)
        const norms = tf.sqrt(tf.add(tf.sum(tf.square(slopes), [1, 2, 3]), 1e-6))
        return tf.add(tf.mean(tf.square(tf.sub(norms, 1))), tf.mul(critic(x), 0.01)) as tf.Scalar
      }
      return minimizing([filter, dense], loss, tf.train.sgd(0.05), [x])
    })
  })
})

test('fit compiles nothing from its third epoch on, also with a smaller last batch and validation', async () => {
  const epochs = 6
  const fit = async (backend: string) => {
    tf.setBackend(backend)
    reseed()
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
        tfl.layers.flatten(),
        tfl.layers.dropout({ rate: 0.25, seed: 3 }),
        tfl.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    })
    seedWeights(model)
    const x = random([11, 8, 8, 1])
    const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1], 'int32'), 3)
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
    const compiles: number[] = []
    const onEpochEnd = () => {
      if (backend === 'onnxruntime') compiles.push(onnxruntimeStats().compiles)
    }
    const { history } = await model.fit(x, y, {
      epochs,
      batchSize: 4,
      shuffle: false,
      verbose: 0,
      validationData: [x, y],
      callbacks: { onEpochEnd },
    })
    model.dispose()
    tf.dispose([x, y])
    return { history: history as Record<string, number[]>, compiles }
  }
  const expected = await fit('cpu')
  tf.setBackend('onnxruntime')
  resetOnnxruntimeStats()
  const actual = await fit('onnxruntime')
  for (const name of ['loss', 'acc', 'val_loss', 'val_acc']) {
    expectClose(actual.history[name]!, expected.history[name]!, { absolute: 1e-4 })
  }
  expect(actual.compiles.slice(2)).toEqual(new Array(epochs - 2).fill(actual.compiles[1]))
  expect(onnxruntimeStats().fallbacks).toEqual({})
  // Two of training and validation, of three batches each: a step, and what lies between it and the one before.
  expect(onnxruntimeStats().flushes).toBeLessThanOrEqual(epochs * 2 * (3 + 3) + epochs)
})
