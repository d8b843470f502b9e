import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { expect, test } from 'vitest'
import { sparsity } from './sparsity.js'

function makeModel() {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 3, inputShape: [2], name: 'first' }),
      tfl.layers.batchNormalization(),
      tfl.layers.dense({ units: 1, name: 'second' }),
    ],
  })
  model.layers[0]!.setWeights([
    tf.tensor2d([
      [0, 1e-4, 2],
      [0, -3, -2e-3],
    ]),
    tf.zeros([3]),
  ])
  model.layers[2]!.setWeights([tf.tensor2d([[1], [0], [-1e-3]]), tf.zeros([1])])
  return model
}

test('counts weights near zero and outputs that are all near zero, kernel by kernel', async () => {
  const report = await sparsity(makeModel())
  expect(report.kernels).toEqual([
    { name: 'first/kernel', weights: 6, nearZero: 3, share: 0.5, outputs: 3, emptyOutputs: 1 },
    { name: 'second/kernel', weights: 3, nearZero: 2, share: 2 / 3, outputs: 1, emptyOutputs: 0 },
  ])
  expect(report).toMatchObject({ threshold: 1e-3, weights: 9, nearZero: 5, share: 5 / 9 })
})

test('takes another threshold, and counts frozen layers too', async () => {
  const model = makeModel()
  model.layers[0]!.trainable = false
  const { kernels } = await sparsity(model, { threshold: 0 })
  expect(Object.fromEntries(kernels.map(({ name, nearZero }) => [name, nearZero]))).toEqual({
    'first/kernel': 2,
    'second/kernel': 1,
  })
  expect((await sparsity(model, { threshold: 2.5 })).nearZero).toBe(8)
})

test('is empty for a model without kernels', async () => {
  const model = tfl.sequential({ layers: [tfl.layers.flatten({ inputShape: [2, 2] })] })
  expect(await sparsity(model)).toEqual({ threshold: 1e-3, kernels: [], weights: 0, nearZero: 0, share: 0 })
})

test('refuses a threshold that is not finite and >= 0', async () => {
  await expect(sparsity(makeModel(), { threshold: -1 })).rejects.toThrow(
    new RangeError(
      'sparsity: expected a finite threshold >= 0, got -1. Use about a hundredth of the usual weight.',
    ),
  )
})
