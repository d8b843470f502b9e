import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { r1 } from './gradient-penalty.js'

type Layers = tfl.layers.Layer[]
const weight = 1000
const { layers } = tfl

/** Behind a dense layer of 4 units, or a picture of 2 × 2 made of them. */
const ofPictures = (...parts: Layers) => [
  layers.reshape({ targetShape: [2, 2, 1] }),
  ...parts,
  layers.flatten(),
]
const convolution = () => layers.conv2d({ filters: 2, kernelSize: 1, activation: 'softplus' })

const right: Record<string, () => Layers> = {
  ...Object.fromEntries(
    (['linear', 'relu', 'softplus', 'softsign', 'gelu'] as const).map((activation) => [
      activation,
      () => [layers.activation({ activation })],
    ]),
  ),
  batchNormalization: () => [layers.batchNormalization(), layers.activation({ activation: 'softplus' })],
  layerNormalization: () => [layers.layerNormalization(), layers.activation({ activation: 'softplus' })],
  conv2d: () =>
    ofPictures(
      layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, padding: 'same', activation: 'softplus' }),
    ),
  conv2dTranspose: () =>
    ofPictures(layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 }), convolution()),
  zeroPadding2d: () => ofPictures(layers.zeroPadding2d({ padding: 1 }), convolution()),
  globalAveragePooling2d: () => [
    layers.reshape({ targetShape: [2, 2, 1] }),
    convolution(),
    layers.globalAveragePooling2d({}),
  ],
  conv1d: () => [
    layers.reshape({ targetShape: [4, 1] }),
    layers.conv1d({ filters: 2, kernelSize: 2, activation: 'softplus' }),
    layers.flatten(),
  ],
}

const wrong: Record<string, () => Layers> = {
  ...Object.fromEntries(
    (
      [
        'tanh',
        'sigmoid',
        'hardSigmoid',
        'softmax',
        'elu',
        'selu',
        'swish',
        'mish',
        'gelu_new',
        'relu6',
      ] as const
    ).map((activation) => [activation, () => [layers.activation({ activation })]]),
  ),
  leakyReLU: () => [layers.leakyReLU()],
  prelu: () => [layers.prelu()],
  softmax: () => [layers.softmax()],
  maxPooling2d: () => ofPictures(layers.maxPooling2d({ poolSize: 2 }), convolution()),
  averagePooling2d: () => ofPictures(layers.averagePooling2d({ poolSize: 2 }), convolution()),
  depthwiseConv2d: () => ofPictures(layers.depthwiseConv2d({ kernelSize: 2 }), convolution()),
  upSampling2d: () => ofPictures(layers.upSampling2d({}), convolution()),
  lstm: () => [layers.reshape({ targetShape: [4, 1] }), layers.lstm({ units: 2 })],
}

function modelOf(parts: Layers): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [layers.dense({ units: 4, inputShape: [3] }), ...parts, layers.dense({ units: 1 })],
  })
  for (const [i, weight] of model.weights.entries()) {
    const variable = weight.read() as tf.Variable
    if (!weight.originalName.includes('variance')) {
      tf.tidy(() => variable.assign(tf.randomNormal(variable.shape, 0, 0.7, 'float32', 10 + i)))
    }
  }
  return model
}

/** The penalty's slope along a random direction of all weights, from its gradients and from differences. */
function slopes(model: tfl.LayersModel): { exact: number; measured: number } {
  const x = tf.randomNormal([3, 3], 0, 1, 'float32', 7)
  const weights = model.trainableWeights.map((weight) => weight.read() as tf.Variable)
  const starts = weights.map((weight) => weight.clone())
  const directions = weights.map(({ shape }, i) => tf.randomNormal(shape, 0, 1, 'float32', 90 + i))
  const { grads } = tf.variableGrads(() => r1(model, x, { weight }), weights)
  const exact = weights.reduce((sum, { name }, i) => {
    const gradient = grads[name]
    return gradient ? sum + tf.sum(tf.mul(gradient, directions[i]!)).dataSync()[0]! : sum
  }, 0)
  const at = (distance: number) => {
    for (const [i, weight] of weights.entries())
      weight.assign(tf.add(starts[i]!, tf.mul(directions[i]!, distance)))
    return r1(model, x, { weight }).dataSync()[0]!
  }
  return { exact, measured: (at(5e-3) - at(-5e-3)) / 1e-2 }
}

describe('a penalty of a model', () => {
  test.each(Object.entries(right))('with %s has the right gradient', (_, make) => {
    tf.tidy(() => {
      const { exact, measured } = slopes(modelOf(make()))
      expect(Math.abs(exact - measured)).toBeLessThan(0.03 * Math.abs(measured))
      expect(Math.abs(measured)).toBeGreaterThan(0.1)
    })
  })

  test.each(Object.entries(wrong))('with %s is refused', (_, make) => {
    expect(() => r1(modelOf(make()), tf.zeros([3, 3]))).toThrow(
      'r1: expected layers with second derivatives, got',
    )
  })
})
