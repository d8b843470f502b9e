import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { prelu } from './prelu.js'

describeLayerContract('prelu', {
  make: () => prelu(),
  inputShape: [2, 3, 4, 5],
  config: {
    sharedAxes: [1, 2],
    alphaInitializer: { className: 'Constant', config: { value: 0.25 } },
  },
  errors: [
    {
      because: 'the input has no height and width',
      run: () => prelu().apply(tf.ones([2, 3])),
      message:
        'prelu: expected sharedAxes to be axes from 1 to 1, got [1, 2] (input [2, 3]). Use sharedAxes: [] for one slope per unit.',
    },
    {
      because: 'the batch axis is shared',
      run: () => prelu({ sharedAxes: [0] }).apply(tfl.input({ shape: [3] })),
      message:
        'prelu: expected sharedAxes to be axes from 1 to 1, got [0] (input [null, 3]). Use sharedAxes: [] for one slope per unit.',
    },
  ],
})

describe('prelu', () => {
  test('has one slope of 0.25 per channel of an image', () => {
    const layer = prelu()
    expectClose(layer.apply(tf.tensor([-4, 4, -8, 0], [1, 1, 2, 2])) as tf.Tensor, [-1, 4, -2, 0])
    expect(layer.getWeights()[0]!.shape).toEqual([1, 1, 2])
  })

  test('works for pictures of unknown size', () => {
    const layer = prelu()
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [null, null, 3] }), layer] })
    expect((model.predict(tf.ones([1, 4, 6, 3])) as tf.Tensor).shape).toEqual([1, 4, 6, 3])
    expect((model.predict(tf.ones([2, 7, 5, 3])) as tf.Tensor).shape).toEqual([2, 7, 5, 3])
  })

  test('takes other axes and another initial slope', () => {
    const layer = prelu({ sharedAxes: [], alphaInitializer: 'ones' })
    expectClose(layer.apply(tf.tensor([[-1, 2, -3]])) as tf.Tensor, [-1, 2, -3])
    expect(layer.getWeights()[0]!.shape).toEqual([3])
  })
})
