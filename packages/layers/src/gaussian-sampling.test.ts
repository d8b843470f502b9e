import { dropoutCalls } from '@dlkit/regularizers'
import { describeLayerContract, expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { GaussianSampling } from './gaussian-sampling.js'
import { registerLayers } from './register-layers.js'

describeLayerContract('GaussianSampling', {
  make: () => new GaussianSampling({ seed: 4 }),
  inputShape: [
    [3, 5],
    [3, 5],
  ],
  register: registerLayers,
  config: { seed: 4 },
  callArguments: { training: true },
  reset: (layer) => {
    ;(layer as GaussianSampling).calls = 2
  },
  secondGradients: true,
  errors: [
    {
      because: 'the shapes differ',
      run: () => new GaussianSampling({ name: 'z' }).apply([tf.ones([2, 3]), tf.ones([2, 4])]),
      message:
        'GaussianSampling: expected two inputs [mean, logVariance] of the same shape, got [2, 3], [2, 4] (layer z). Take both from layers with the same number of units.',
    },
  ],
})

describe('GaussianSampling', () => {
  test('has the mean and variance that it is told', () => {
    const size = 200_000
    const [mean, logVariance] = [tf.fill([size], 3), tf.fill([size], Math.log(0.25))]
    const z = new GaussianSampling({ seed: 1 }).apply([mean, logVariance], { training: true }) as tf.Tensor
    const moments = tf.moments(z)
    expect(Math.abs(moments.mean.dataSync()[0]! - 3)).toBeLessThan((5 * 0.5) / Math.sqrt(size))
    expect(Math.abs(moments.variance.dataSync()[0]! - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / size))
  })

  test('is the mean at inference', () => {
    const mean = tf.tensor2d([[1, 2]])
    expectClose(new GaussianSampling().apply([mean, tf.ones([1, 2])]) as tf.Tensor, [1, 2])
  })

  test('two calls differ, and its counter is among those of a checkpoint', () => {
    const [mean, logVariance] = [tfl.input({ shape: [4] }), tfl.input({ shape: [4] })]
    const layer = new GaussianSampling({ name: 'z', seed: 1 })
    const output = layer.apply([mean, logVariance]) as tfl.SymbolicTensor
    const model = tfl.model({ inputs: [mean, logVariance], outputs: output })
    const sample = () =>
      (model.apply([tf.zeros([2, 4]), tf.zeros([2, 4])], { training: true }) as tf.Tensor).dataSync()
    expect(sample()).not.toEqual(sample())
    expect(dropoutCalls(model)).toEqual({ z: 2 })
  })
})
