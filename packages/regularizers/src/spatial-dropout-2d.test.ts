import { describeLayerContract } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { registerRegularizers } from './register-regularizers.js'
import { SpatialDropout2D } from './spatial-dropout-2d.js'

describeLayerContract('SpatialDropout2D in training', {
  make: () => new SpatialDropout2D({ rate: 0.4, seed: 7 }),
  inputShape: [2, 3, 4, 5],
  register: registerRegularizers,
  config: { rate: 0.4, seed: 7 },
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as SpatialDropout2D).calls = 3
  },
  errors: [
    {
      because: 'rate is negative',
      run: () => new SpatialDropout2D({ rate: -0.1, name: 'top' }),
      message:
        'SpatialDropout2D: expected rate in [0, 1), got -0.1 (layer top). Start with 0.2; 0 turns it off.',
    },
    {
      because: 'the input is no image',
      run: () => new SpatialDropout2D({ rate: 0.2, name: 'top' }).apply(tf.ones([2, 3])),
      message:
        'SpatialDropout2D: expected an input [batch, height, width, channels], got [2, 3] (layer top). Use Dropout for other ranks.',
    },
  ],
})

describe('SpatialDropout2D', () => {
  test('keeps or drops each channel of each picture as a whole', () => {
    const [batch, height, width, channels, rate] = [50, 3, 2, 40, 0.25]
    const layer = new SpatialDropout2D({ rate, seed: 2 })
    const y = layer.apply(tf.ones([batch, height, width, channels]), { training: true }) as tf.Tensor
    const byChannel = tf.reshape(tf.transpose(y, [0, 3, 1, 2]), [batch * channels, height * width])
    const rows = byChannel.arraySync() as number[][]
    for (const row of rows) expect(new Set(row).size).toBe(1)
    const dropped = rows.filter((row) => row[0] === 0).length
    const total = batch * channels
    expect(Math.abs(dropped - total * rate)).toBeLessThan(5 * Math.sqrt(total * rate * (1 - rate)))
    expect(new Set(rows.flat())).toEqual(new Set([0, Math.fround(1 / (1 - rate))]))
  })

  test('changes nothing at inference', () => {
    const x = tf.randomUniform([2, 3, 4, 5], -1, 1, 'float32', 1)
    const y = new SpatialDropout2D({ rate: 0.9 }).apply(x) as tf.Tensor
    expect(y.dataSync()).toEqual(x.dataSync())
  })
})
