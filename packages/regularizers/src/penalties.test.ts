import { expectClose, expectNoTensorLeak, expectVariableGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { kernelsOf } from './kernels-of.js'
import { l1Penalty, l2Penalty } from './penalties.js'

const weights = () => [tf.variable(tf.tensor([[1, -2, 0.5]])), tf.variable(tf.tensor([3, -0.25]))]

describe('l1Penalty and l2Penalty', () => {
  test('are the rate times the sum of magnitudes and of squares', () => {
    expectClose(l1Penalty(weights(), 0.1), [0.1 * (1 + 2 + 0.5 + 3 + 0.25)])
    expectClose(l2Penalty(weights(), 0.1), [0.1 * (1 + 4 + 0.25 + 9 + 0.0625)])
    expect(l2Penalty(weights(), 0.1).shape).toEqual([])
  })

  test('have the gradients rate · sign(w) and 2 · rate · w', () => {
    const [weight] = weights()
    expectClose(tf.variableGrads(() => l1Penalty([weight!], 0.1)).grads[weight!.name]!, [0.1, -0.1, 0.1])
    expectClose(tf.variableGrads(() => l2Penalty([weight!], 0.1)).grads[weight!.name]!, [0.2, -0.4, 0.1])
    const both = weights()
    expectVariableGradientsMatch(() => l1Penalty(both, 0.3), both)
    expectVariableGradientsMatch(() => l2Penalty(both, 0.3), both)
  })

  test('have second derivatives', () => {
    const second = (penalty: typeof l2Penalty) =>
      tf.grad((x) => tf.sum(tf.grad((w) => penalty([w], 0.1))(x)))(tf.tensor([1, -2]))
    expectClose(second(l2Penalty), [0.2, 0.2])
    expectClose(second(l1Penalty), [0, 0])
  })

  test('equal what tf.layers adds for the same rate', () => {
    const kernel = tf.tensor([[1, -2, 0.5]])
    expectClose(l2Penalty([kernel], 0.05), [...tfl.regularizers.l2({ l2: 0.05 }).apply(kernel).dataSync()])
    expectClose(l1Penalty([kernel], 0.05), [...tfl.regularizers.l1({ l1: 0.05 }).apply(kernel).dataSync()])
  })

  test('are 0 at rate 0', () => {
    expectClose(l2Penalty(weights(), 0), [0])
  })

  test('leave one scalar that belongs to the caller', async () => {
    const list = weights()
    await expectNoTensorLeak(() => [l1Penalty(list, 0.1), l2Penalty(list, 0), l2Penalty(list.values(), 0.1)])
  })

  test('refuse bad rates and an empty list', () => {
    expect(() => l2Penalty(weights(), -1)).toThrow(
      new RangeError('l2Penalty: expected a finite rate >= 0, got -1. Use 0 to turn it off.'),
    )
    expect(() => l1Penalty([], 0.1)).toThrow(
      new RangeError(
        'l1Penalty: expected at least one weight, got none. Pass model.trainableWeights or kernelsOf(model).',
      ),
    )
  })
})

describe('kernelsOf', () => {
  test('picks kernels, not biases, slopes or normalization weights', () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 5, 3], name: 'first' }),
        tfl.layers.batchNormalization(),
        tfl.layers.prelu({ sharedAxes: [1, 2] }),
        tfl.layers.separableConv2d({ filters: 2, kernelSize: 1, name: 'second' }),
      ],
    })
    const kernels = kernelsOf(model)
    expect(kernels.map((weight) => weight.originalName.split('/').at(-1))).toEqual([
      'kernel',
      'depthwise_kernel',
      'pointwise_kernel',
    ])
    expectClose(l2Penalty(kernels, 2), [
      kernels.reduce((sum, kernel) => sum + 2 * tf.sum(tf.square(kernel.read())).dataSync()[0]!, 0),
    ])
  })

  test('leaves frozen layers out', () => {
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [3] })] })
    model.layers[0]!.trainable = false
    expect(kernelsOf(model)).toEqual([])
  })
})
