import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { ELU, GELU, LeakyReLU, Sigmoid, SiLU, Tanh } from './activation-layers.js'
import { elu, gelu, leakyRelu, sigmoid, silu, tanh } from './activations.js'
import { prelu } from './prelu.js'
import { softmax } from './softmax.js'

interface References {
  inputs: string[]
  activations: Record<string, { y: string[]; slope: string[] }>
}

const file = new URL('../fixtures/activation-edges.json', import.meta.url)
const { inputs, activations } = JSON.parse(readFileSync(file, 'utf8')) as References

type Activation = (x: tf.Tensor) => tf.Tensor
const layer =
  (made: tfl.layers.Layer): Activation =>
  (x) =>
    made.apply(x) as tf.Tensor
const ofTfjs =
  (activation: string): Activation =>
  (x) =>
    tfl.layers.activation({ activation: activation as 'relu' }).apply(x) as tf.Tensor
/** Of two numbers, the second is 0. */
const first =
  (f: Activation): Activation =>
  (x) =>
    tf.slice(f(tf.stack([x, tf.zerosLike(x)], 1)), [0, 0], [x.size, 1])

const implementations: Record<string, Record<string, Activation>> = {
  relu: { 'tf.relu': tf.relu, 'layers.reLU': layer(tfl.layers.reLU()), named: ofTfjs('relu') },
  relu6: { 'tf.relu6': tf.relu6, named: ofTfjs('relu6'), maxValue: layer(tfl.layers.reLU({ maxValue: 6 })) },
  leakyRelu: {
    'tf.leakyRelu': (x) => tf.leakyRelu(x, 0.2),
    'layers.leakyReLU': layer(tfl.layers.leakyReLU({ alpha: 0.2 })),
    leakyRelu,
    LeakyReLU: layer(new LeakyReLU()),
  },
  prelu: {
    'tf.prelu': (x) => tf.prelu(x, tf.scalar(0.2)),
    prelu: (x) => {
      const made = prelu({ sharedAxes: [], alphaInitializer: tfl.initializers.constant({ value: 0.2 }) })
      return tf.reshape(made.apply(tf.reshape(x, [1, -1])) as tf.Tensor, [-1])
    },
  },
  elu: {
    'tf.elu': tf.elu,
    'layers.elu': layer(tfl.layers.elu()),
    named: ofTfjs('elu'),
    elu,
    ELU: layer(new ELU()),
  },
  'elu of alpha 0.5': { elu: (x) => elu(x, 0.5), ELU: layer(new ELU({ alpha: 0.5 })) },
  selu: { 'tf.selu': tf.selu, named: ofTfjs('selu') },
  softplus: { 'tf.softplus': tf.softplus, named: ofTfjs('softplus') },
  sigmoid: { 'tf.sigmoid': tf.sigmoid, named: ofTfjs('sigmoid'), sigmoid, Sigmoid: layer(new Sigmoid()) },
  logSigmoid: { 'tf.logSigmoid': tf.logSigmoid },
  tanh: { 'tf.tanh': tf.tanh, named: ofTfjs('tanh'), tanh, Tanh: layer(new Tanh()) },
  silu: { swish: ofTfjs('swish'), silu, SiLU: layer(new SiLU()) },
  gelu: { named: ofTfjs('gelu'), gelu, GELU: layer(new GELU()) },
  'gelu by tanh': { gelu: (x) => gelu(x, true), GELU: layer(new GELU({ approximate: true })) },
  mish: { named: ofTfjs('mish') },
  softsign: { named: ofTfjs('softsign') },
  hardSigmoid: { named: ofTfjs('hardSigmoid') },
  softmax: {
    'tf.softmax': first(tf.softmax),
    softmax: first(softmax),
    layer: first(layer(tfl.layers.softmax())),
  },
  logSoftmax: { 'tf.logSoftmax': first(tf.logSoftmax), named: first(ofTfjs('logSoftmax')) },
}

/** Where TensorFlow.js' own definition is another one. */
const isExempt = (name: string, input: string, what: 'y' | 'slope'): boolean =>
  // TensorFlow.js takes the slope from below.
  (name === 'relu6' && input === '6' && what === 'slope') ||
  // Rounded, 0.2 · 2.5 + 0.5 is on either side of 1.
  (name === 'hardSigmoid' && input.endsWith('2.5') && what === 'slope') ||
  // Whoever passes NaN on does so in the slope, too; PyTorch calls it a positive or a negative number there.
  (input === 'NaN' && what === 'slope')

function expectSame(name: string, actual: ArrayLike<number>, expected: string[], what: 'y' | 'slope'): void {
  const wrong = inputs.flatMap((input, i) => {
    const [value, right] = [actual[i]!, Number(expected[i])]
    // Slopes near 0 are what is left of 1 - y², which is rounded at 1.
    const same = Object.is(value, right) || Math.abs(value - right) <= 2e-6 * Math.abs(right) + 5e-7
    return same || isExempt(name, input, what) ? [] : [`${what}(${input}) = ${value} instead of ${right}`]
  })
  expect(wrong).toEqual([])
}

describe.each(Object.keys(activations))('%s has the values and slopes of PyTorch:', (name) => {
  test.each(Object.entries(implementations[name]!))('%s', (_, f) => {
    tf.tidy(() => {
      const x = tf.tensor1d(inputs.map(Number))
      expectSame(name, f(x).dataSync(), activations[name]!.y, 'y')
      expectSame(
        name,
        tf
          .grad((input) => f(input))(x)
          .dataSync(),
        activations[name]!.slope,
        'slope',
      )
    })
  })
})

test.each([
  ['LeakyReLU', () => new LeakyReLU()],
  ['ELU', () => new ELU()],
] as const)('dense layers of zeros train through %s', async (_, make) => {
  const zeros = 'zeros' as const
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 3, kernelInitializer: zeros, inputShape: [2] }),
      make(),
      tfl.layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  })
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])]
  await model.fit(x, y, { epochs: 1, verbose: 0 })
  expect([...model.layers[0]!.getWeights()[0]!.dataSync()].every((weight) => weight > 0)).toBe(true)
  tf.dispose([x, y])
  model.dispose()
})
