import { expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { loadModelTensors, modelTensors } from './model-tensors.js'

function makeModel(seed: number) {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({
        units: 3,
        inputShape: [2],
        name: 'first',
        kernelInitializer: tfl.initializers.glorotNormal({ seed }),
        kernelConstraint: tfl.constraints.unitNorm({ axis: 0 }),
      }),
      tfl.layers.batchNormalization({ name: 'norm' }),
    ],
  })
}

const bits = (tensors: Record<string, tf.Tensor>) =>
  Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]])

describe('modelTensors', () => {
  test('names weights and buffers by layer, the same in a second model', () => {
    const names = [
      'first/kernel',
      'first/bias',
      'norm/gamma',
      'norm/beta',
      'norm/moving_mean',
      'norm/moving_variance',
    ]
    expect(Object.keys(modelTensors(makeModel(1))).sort()).toEqual([...names].sort())
    expect(Object.keys(modelTensors(makeModel(2))).sort()).toEqual([...names].sort())
  })
})

describe('loadModelTensors', () => {
  test('copies every bit into another model, past its constraints', () => {
    const [model, copy] = [makeModel(1), makeModel(2)]
    expect(bits(modelTensors(copy))).not.toEqual(bits(modelTensors(model)))
    loadModelTensors(copy, modelTensors(model))
    expect(bits(modelTensors(copy))).toEqual(bits(modelTensors(model)))
    const before = bits(modelTensors(copy))
    for (const weight of model.weights) weight.write(tf.mul(weight.read(), 2))
    expect(bits(modelTensors(copy))).toEqual(before)
  })

  test('loading a model from itself keeps it', async () => {
    const model = makeModel(1)
    const before = bits(modelTensors(model))
    await expectNoTensorLeak(() => loadModelTensors(model, modelTensors(model)))
    expect(bits(modelTensors(model))).toEqual(before)
  })

  test('refuses the weights of another model and changes nothing', () => {
    const model = makeModel(1)
    const before = bits(modelTensors(model))
    const { 'first/kernel': _, ...rest } = modelTensors(makeModel(2))
    expect(() => loadModelTensors(model, rest)).toThrow(
      'loadModelTensors: expected the 6 weights of the model, got 5 of them (missing: first/kernel; unknown: none). ' +
        'Use the model that they were saved from.',
    )
    expect(() => loadModelTensors(model, { ...rest, 'first/kernel': tf.zeros([3, 2]) })).toThrow(
      'loadModelTensors: expected float32 [2,3], got float32 [3,2] ("first/kernel"). ' +
        'Use the model that they were saved from.',
    )
    expect(bits(modelTensors(model))).toEqual(before)
  })
})
