import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import {
  AdaptiveInstanceNormalization,
  adaptiveInstanceNormalization,
} from './adaptive-instance-normalization.js'
import { GroupNormalization, groupNormalization, InstanceNormalization } from './group-normalization.js'
import { registerLayers } from './register-layers.js'
import { RMSNormalization, rmsNormalization } from './rms-normalization.js'

const register = registerLayers
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0.5, 2, 'float32', seed)

describeLayerContract('GroupNormalization', {
  make: () => new GroupNormalization({ groups: 2, epsilon: 0.1 }),
  inputShape: [2, 3, 2, 4],
  register,
  config: { groups: 2, epsilon: 0.1, center: true, scale: true },
  secondGradients: { step: 3e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'the groups do not divide the channels',
      run: () => new GroupNormalization({ groups: 4 }).apply(tf.ones([1, 2, 2, 6])),
      message:
        'GroupNormalization: expected groups to divide the channels, got channels=6, groups=4. Choose groups from 1, 2, 3, 6.',
    },
    {
      because: 'epsilon is 0',
      run: () => new GroupNormalization({ epsilon: 0 }),
      message: 'GroupNormalization: expected epsilon to be a finite number > 0, got 0. Usual is 1e-5.',
    },
    {
      because: 'the groups are no integer',
      run: () => new GroupNormalization({ groups: 1.5 }),
      message:
        'GroupNormalization: expected groups to be an integer >= 1, got 1.5. Use InstanceNormalization for one channel per group.',
    },
  ],
})

describeLayerContract('InstanceNormalization', {
  make: () => new InstanceNormalization({ epsilon: 0.1 }),
  inputShape: [2, 3, 4, 2],
  register,
  config: { epsilon: 0.1, center: true, scale: true },
  secondGradients: { step: 3e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'there is nothing to normalize over',
      run: () => new InstanceNormalization({ name: 'norm' }).apply(tf.ones([2, 3])),
      message:
        'InstanceNormalization: expected an input [batch, ..., channels] with at least one axis between, got [2, 3] (layer norm): each channel would be 0. Use tf.layers.layerNormalization for features.',
    },
  ],
})

describeLayerContract('RMSNormalization', {
  make: () => new RMSNormalization({ epsilon: 0.1 }),
  inputShape: [2, 3, 4],
  register,
  config: { epsilon: 0.1, scale: true },
  secondGradients: { step: 3e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'epsilon is negative',
      run: () => new RMSNormalization({ epsilon: -1 }),
      message: 'RMSNormalization: expected epsilon to be a finite number > 0, got -1. Usual is 1e-6.',
    },
  ],
})

describeLayerContract('AdaptiveInstanceNormalization', {
  make: () => new AdaptiveInstanceNormalization({ epsilon: 0.1 }),
  inputShape: [
    [2, 3, 4, 2],
    [2, 2, 3, 2],
  ],
  register,
  config: { epsilon: 0.1 },
  secondGradients: { step: 3e-3, tolerance: 0.03 },
  errors: [
    {
      because: 'the style does not fit',
      run: () =>
        new AdaptiveInstanceNormalization({ name: 'style' }).apply([tf.ones([1, 2, 2, 3]), tf.ones([1, 5])]),
      message:
        'AdaptiveInstanceNormalization: expected [content, style] with a style [batch, height, width, 3] or [batch, 6], got [1, 2, 2, 3], [1, 5] (layer style). Make the style with a layer of as many channels, or a dense layer of twice as many units.',
    },
  ],
})

describe('normalization', () => {
  test('of a large picture of one value is 0, and of large values with a small spread is centred', () => {
    for (const [side, value] of [
      [512, 0.95],
      [1024, 0.9],
    ] as const) {
      const flat = tf.tidy(() =>
        tf.max(tf.abs(groupNormalization(tf.fill([1, side, side, 1], value), 1))).dataSync(),
      )
      // One unit in the last place of the value, over the root of epsilon; TensorFlow adds up a little less exactly.
      const units = tf.getBackend() === 'tensorflow' ? 32 : 1
      expect(flat[0]).toBeLessThan((units * 2 ** -23) / Math.sqrt(1e-5))
    }
    const [mean, deviation] = tf.tidy(() => {
      const spread = groupNormalization(tf.randomUniform([1, 512, 512, 4], 200, 204, 'float32', 3), 1)
      const { mean, variance } = tf.moments(spread)
      return [mean.dataSync()[0]!, Math.sqrt(variance.dataSync()[0]!)]
    })
    expect(Math.abs(mean!)).toBeLessThan(1e-4)
    expect(deviation).toBeCloseTo(1, 3)
  })

  test('a group has mean 0 and variance 1, whatever the scale of the input', () => {
    const x = tf.add(tf.mul(random([2, 4, 3, 6], 1), 30), 7)
    const y = tf.reshape(groupNormalization(x, 3), [2, 12, 3, 2])
    const { mean, variance } = tf.moments(y, [1, 3])
    expectClose(mean, new Array(6).fill(0))
    expectClose(variance, new Array(6).fill(1), { absolute: 1e-4 })
  })

  test('channels of a group keep their differences, and groups do not see each other', () => {
    const x = tf.tensor3d([0, 2, 10, 10, 0, 2, 30, 10], [1, 2, 4])
    const y = groupNormalization(x, 2, 1e-12)
    const unit = 1 / Math.sqrt(75)
    expectClose(y, [-1, 1, -5 * unit, -5 * unit, -1, 1, 15 * unit, -5 * unit])
  })

  test('as many groups as channels are instance normalization', () => {
    const x = random([2, 4, 3, 6], 2)
    const instance = new InstanceNormalization().apply(x) as tf.Tensor
    expectClose(new GroupNormalization({ groups: 6 }).apply(x) as tf.Tensor, instance.dataSync())
  })

  test('examples do not see each other', () => {
    const x = random([2, 4, 3, 6], 3)
    const alone = tf.slice(x, [1, 0, 0, 0], [1, 4, 3, 6])
    const layer = new GroupNormalization({ groups: 2 })
    const together = tf.slice(layer.apply(x) as tf.Tensor, [1, 0, 0, 0], [1, 4, 3, 6])
    expectClose(layer.apply(alone) as tf.Tensor, together.dataSync())
  })

  test('the root mean square becomes 1', () => {
    const y = rmsNormalization(random([5, 8], 4))
    expectClose(tf.mean(tf.square(y), 1), new Array(5).fill(1))
  })

  test('the content gets mean and deviation of the style', () => {
    const [content, style] = [random([2, 4, 3, 5], 5), tf.add(tf.mul(random([2, 2, 6, 5], 6), 3), 1)]
    const y = adaptiveInstanceNormalization(content, style)
    const [actual, expected] = [tf.moments(y, [1, 2]), tf.moments(style, [1, 2])]
    expectClose(actual.mean, expected.mean.dataSync(), { absolute: 1e-4 })
    expectClose(actual.variance, expected.variance.dataSync(), { relative: 1e-3 })
  })

  test('center and scale can be left out', () => {
    const layer = new GroupNormalization({ groups: 2, center: false, scale: false })
    layer.build([null, 3, 3, 4])
    expect(layer.weights).toEqual([])
  })
})
