import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { groupLasso, groupLassoPenalty } from './group-lasso.js'
import { orthogonal, orthogonalPenalty } from './orthogonal.js'
import { registerRegularizers } from './register-regularizers.js'
import type { Regularizer } from './tfjs-regularizer.js'

const regularizers: Record<string, () => Regularizer> = {
  orthogonal: () => orthogonal({ rate: 0.03, diagonal: false }),
  groupLasso: () => groupLasso({ rate: 0.2, groups: 'inputs' }),
}

describe.each(Object.entries(regularizers))('%s', (_, make) => {
  test.each<[string, () => tfl.layers.Layer, number[]]>([
    ['dense', () => tfl.layers.dense({ units: 3, kernelRegularizer: make() }), [4]],
    ['conv1d', () => tfl.layers.conv1d({ filters: 3, kernelSize: 2, kernelRegularizer: make() }), [5, 2]],
    ['conv2d', () => tfl.layers.conv2d({ filters: 3, kernelSize: 2, kernelRegularizer: make() }), [5, 4, 2]],
    [
      'conv2dTranspose',
      () => tfl.layers.conv2dTranspose({ filters: 3, kernelSize: 2, kernelRegularizer: make() }),
      [5, 4, 2],
    ],
    [
      'embedding',
      () => tfl.layers.embedding({ inputDim: 5, outputDim: 3, embeddingsRegularizer: make() }),
      [4],
    ],
  ])('is accepted by %s and survives saving', async (_, makeLayer, shape) => {
    registerRegularizers()
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape }), makeLayer()] })
    const read = (of: tfl.LayersModel) =>
      of.layers.flatMap((layer) => layer.calculateLosses()).map((loss) => loss.dataSync()[0]!)
    expect(read(model)).toHaveLength(1)
    const loaded = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string))
    loaded.setWeights(model.getWeights())
    expect(read(loaded)).toEqual(read(model))
  })

  test('is accepted by depthwise and recurrent layers', () => {
    const depthwise = tfl.layers.depthwiseConv2d({ kernelSize: 2, depthwiseRegularizer: make() })
    depthwise.build([null, 5, 4, 2])
    expect(depthwise.calculateLosses()).toHaveLength(1)
    const cell = tfl.layers.lstmCell({
      units: 2,
      recurrentInitializer: 'heNormal',
      kernelRegularizer: make(),
      recurrentRegularizer: make(),
    })
    cell.build([null, 3])
    expect(cell.calculateLosses()).toHaveLength(2)
  })

  test('leaves no tensor behind', async () => {
    const kernel = tf.randomNormal([4, 3], 0, 1, 'float32', 2)
    await expectNoTensorLeak(() => make().apply(kernel))
    await expectNoTensorLeak(() => tf.grad((w) => make().apply(w))(kernel))
  })

  test('has first and second derivatives that match finite differences', () => {
    const kernel = tf.randomNormal([4, 3], 0, 1, 'float32', 2)
    const penalty = (w: tf.Tensor) => tf.mul(10, make().apply(w)) as tf.Scalar
    expectGradientsMatch((w) => penalty(w!), [kernel])
    expectGradientsMatch((w) => tf.sum<tf.Scalar>(tf.square(tf.grad(penalty)(w!))), [kernel], {
      tolerance: 0.02,
    })
  })
})

describe('orthogonal', () => {
  const rotation = tf.tensor2d([
    [0.6, -0.8],
    [0.8, 0.6],
  ])

  test('is 0 for orthonormal columns, or rows when there are more columns', () => {
    expectClose(orthogonalPenalty(rotation, { rate: 1 }), [0])
    const tall = tf.concat([rotation, tf.zeros([3, 2])], 0)
    expectClose(orthogonalPenalty(tall, { rate: 1 }), [0])
    expectClose(orthogonalPenalty(tf.transpose(tall), { rate: 1 }), [0])
    expectClose(orthogonalPenalty(tf.mul(rotation, 2), { rate: 1 }), [18])
    expectClose(orthogonalPenalty(tf.mul(rotation, 2), { rate: 1, diagonal: false }), [0])
  })

  test('training with it alone makes a kernel orthonormal', () => {
    const kernel = tf.variable(tf.randomNormal([6, 4], 0, 0.5, 'float32', 3))
    const optimizer = tf.train.sgd(0.05)
    for (let step = 0; step < 200; step++) {
      optimizer.minimize(() => orthogonalPenalty(kernel, { rate: 1 }), false, [kernel])
    }
    expectClose(tf.matMul(kernel, kernel, true), [...tf.eye(4).dataSync()], { absolute: 1e-3 })
  })

  test('refuses a bias and a negative rate', () => {
    expect(() => orthogonal({ rate: 1 }).apply(tf.ones([3]))).toThrow(
      new RangeError(
        'orthogonal: expected a kernel [..., inputs, outputs], got shape [3]. Use it as kernelRegularizer, not for biases.',
      ),
    )
    expect(() => orthogonal({ rate: -1 })).toThrow(
      new RangeError('orthogonal: expected a finite rate >= 0, got -1. Use 0 to turn it off.'),
    )
  })
})

describe('groupLasso', () => {
  test('its gradient is finite at 0', () => {
    const kernel = tf.tensor2d([
      [0, 3],
      [0, 4],
    ])
    const penalty = (w: tf.Tensor) => groupLassoPenalty(w, { rate: 1 })
    expectClose(penalty(kernel), [Math.SQRT2 * 5])
    expectClose(
      tf.grad(penalty)(kernel),
      [0, 0.6, 0, 0.8].map((value) => value * Math.SQRT2),
    )
  })

  test('refuses a bias, other groups and a negative rate', () => {
    expect(() => groupLasso({ rate: 1 }).apply(tf.ones([3]))).toThrow(
      new RangeError(
        'groupLasso: expected a kernel [..., inputs, outputs], got shape [3]. Use it as kernelRegularizer, not for biases.',
      ),
    )
    expect(() => groupLasso({ rate: 1, groups: 'rows' as never })).toThrow(
      new RangeError(
        `groupLasso: expected groups to be 'outputs' or 'inputs', got "rows". 'outputs' removes units and filters, 'inputs' removes inputs and channels.`,
      ),
    )
    expect(() => groupLasso({ rate: Number.NaN })).toThrow(
      new RangeError('groupLasso: expected a finite rate >= 0, got NaN. Use 0 to turn it off.'),
    )
  })
})
