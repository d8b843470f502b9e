import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, test } from 'vitest'
import { onnxruntimeStats, useOnnxRuntime } from '../src/index.js'

beforeAll(async () => {
  // With or without compiled operators, as the checkout has them, the numbers would be others.
  process.env.DLKIT_NATIVE = '0'
  await useOnnxRuntime({ threads: 1 })
})

type Symbolic = tfl.SymbolicTensor
const { layers } = tfl
const chain = (x: Symbolic, ...more: tfl.layers.Layer[]) =>
  more.reduce((y, layer) => layer.apply(y) as Symbolic, x)

/** Operations of one training step, the third: from there on nothing changes. */
function operationsOf(network: tfl.LayersModel, batch: number, tokens = 0): number {
  const shape = [batch, ...(network.inputs[0]!.shape.slice(1) as number[])]
  const x = tf.tidy(() =>
    tokens > 0
      ? tf.cast(tf.randomUniform(shape, 0, tokens, 'int32', 1), 'float32')
      : tf.randomNormal(shape, 0, 1, 'float32', 1),
  )
  const y = tf.zeros([batch, ...(network.outputs[0]!.shape.slice(1) as number[])])
  tf.dispose([x.dataSync(), y.dataSync()])
  const optimizer = tf.train.adam()
  const variables = network.trainableWeights.map((weight) => weight.read() as tf.Variable)
  let operations = 0
  for (let step = 0; step < 3; step++) {
    const loss = optimizer.minimize(
      () => tf.losses.meanSquaredError(y, network.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
      true,
      variables,
    )!
    operations = onnxruntimeStats().pendingOperations
    loss.dataSync()
    loss.dispose()
  }
  network.dispose()
  optimizer.dispose()
  tf.dispose([x, y])
  return operations
}

function perceptron(inputs: number, width: number): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      layers.dense({ units: width, activation: 'relu', inputShape: [inputs] }),
      layers.dense({ units: width, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  })
}

function residual(size: number, filters: number): tfl.LayersModel {
  const start = tfl.input({ shape: [size, size, 3] })
  const convolution = (strides = 1) =>
    layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false })
  const normalization = () => layers.batchNormalization()
  let x = chain(start, convolution(), normalization(), layers.reLU())
  for (let block = 0; block < 2; block++) {
    const y = chain(x, convolution(), normalization(), layers.reLU(), convolution(), normalization())
    x = chain(layers.add().apply([x, y]) as Symbolic, layers.reLU())
  }
  const end = chain(
    x,
    layers.maxPooling2d({ poolSize: 2 }),
    layers.globalAveragePooling2d({}),
    layers.dense({ units: 10 }),
  )
  return tfl.model({ inputs: start, outputs: end })
}

class CausalAttention extends tfl.layers.Layer {
  static className = 'CausalAttention'
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [q, k, v] = tf.split([inputs].flat()[0]!, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor]
      const heads = (x: tf.Tensor) =>
        tf.transpose(tf.reshape(x, [x.shape[0]!, x.shape[1]!, 2, x.shape[2]! / 2]), [0, 2, 1, 3])
      const scores = tf.mul(tf.matMul(heads(q), heads(k), false, true), (2 / q.shape[2]!) ** 0.5)
      const later = tf.linalg.bandPart(tf.ones(scores.shape.slice(-2)), -1, 0)
      const masked = tf.add(scores, tf.mul(tf.sub(1, later), -1e9))
      const mixed = tf.transpose(tf.matMul(tf.softmax(masked), heads(v)), [0, 2, 1, 3])
      return tf.reshape(mixed, q.shape)
    })
  }
  override computeOutputShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, length, width] = shape as tfl.Shape
    return [batch!, length!, width! / 3]
  }
}

function transformer(length: number, width: number, blocks = 2): tfl.LayersModel {
  const start = tfl.input({ shape: [length] })
  const dense = (units: number, activation?: 'relu') =>
    layers.dense({ units, ...(activation && { activation }) })
  let x = chain(start, layers.embedding({ inputDim: 20, outputDim: width }))
  for (let block = 0; block < blocks; block++) {
    const attended = chain(
      x,
      layers.layerNormalization(),
      dense(3 * width),
      new CausalAttention({}),
      dense(width),
    )
    x = layers.add().apply([x, attended]) as Symbolic
    const fed = chain(x, layers.layerNormalization(), dense(4 * width, 'relu'), dense(width))
    x = layers.add().apply([x, fed]) as Symbolic
  }
  return tfl.model({ inputs: start, outputs: chain(x, layers.layerNormalization(), dense(20)) })
}

const recurrent = (length: number, units: number): tfl.LayersModel =>
  tfl.sequential({ layers: [layers.lstm({ units, inputShape: [length, 3] }), layers.dense({ units: 1 })] })

// The bounds are what was reached: a change that needs more operations says so here.
describe('the number of operations of a training step grows with batch, width or length by long sums only', () => {
  test.each([
    [
      'a perceptron',
      164,
      () => operationsOf(perceptron(6, 5), 3),
      () => operationsOf(perceptron(30, 40), 70),
    ],
    [
      'a residual network',
      810,
      () => operationsOf(residual(6, 4), 2),
      () => operationsOf(residual(20, 12), 9),
    ],
    [
      'a transformer',
      963,
      () => operationsOf(transformer(5, 4), 3, 20),
      () => operationsOf(transformer(33, 24), 7, 20),
    ],
    [
      'a recurrent network',
      553,
      () => operationsOf(recurrent(5, 4), 3),
      () => operationsOf(recurrent(5, 24), 30),
    ],
  ] as const)('%s', (_, most, small, large) => {
    const operations = [small(), large()]
    expect(Math.max(...operations)).toBeLessThanOrEqual(most)
    // A sum of many terms takes five operations more; one list of axes is another.
    expect(Math.abs(operations[0]! - operations[1]!)).toBeLessThanOrEqual(most * 0.2)
  })

  test('but with the steps of a recurrent network, each of which takes as many as any other', () => {
    const [five, ten, twenty] = [5, 10, 20].map((length) => operationsOf(recurrent(length, 4), 3)) as [
      number,
      number,
      number,
    ]
    expect(twenty - ten).toBe(2 * (ten - five))
    expect((ten - five) / 5).toBeLessThanOrEqual(84)
  })
})

describe('the gradient of tile', () => {
  test.each([
    [[3], [4]],
    [
      [2, 3],
      [1, 1],
    ],
    [
      [2, 1, 3],
      [3, 4, 2],
    ],
    [
      [1, 2, 1, 3, 2],
      [2, 1, 3, 2, 2],
    ],
  ])('of %j repeated %j times adds up the repetitions', (shape, reps) => {
    const x = tf.randomNormal(shape, 0, 1, 'float32', 4)
    const whole = tf.tile(x, reps)
    const weights = tf.randomNormal(whole.shape, 0, 1, 'float32', 5)
    const gradient = tf.grad((t: tf.Tensor) => tf.sum(tf.mul(tf.tile(t, reps), weights)))(x)
    // Every element of the gradient is the sum of the weights of its copies.
    const expected = new Float64Array(x.size)
    const origin = tf.tile(tf.reshape(tf.range(0, x.size), shape), reps).dataSync()
    for (const [i, weight] of weights.dataSync().entries()) expected[origin[i]!]! += weight
    expectClose(gradient, [...expected], { absolute: 1e-5 })
  })
})
