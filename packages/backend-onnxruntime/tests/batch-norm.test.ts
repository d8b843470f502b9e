import { expectClose, expectGradientsMatch } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { useOnnxRuntime } from '../src/index.js'
import { random, reseed } from './compare-training.js'

beforeEach(async () => {
  await useOnnxRuntime({ threads: 1 })
  reseed()
})

const positive = (shape: number[]) => tf.add(tf.abs(random(shape)), 0.5)

const normalize = (
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  offset = tf.zerosLike(mean),
  scale = tf.onesLike(mean),
) =>
  tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
    0.01,
  )

describe('the gradients of batchNorm', () => {
  test.each([
    ['one number per channel', [2, 3, 4, 5], [5]],
    ['a matrix', [6, 3], [3]],
    ['one number per element', [2, 3, 2, 2], [2, 3, 2, 2]],
  ])('equal finite differences: %s', (_, shape, parameters) => {
    const weight = random(shape)
    const inputs = [
      random(shape),
      random(parameters),
      positive(parameters),
      random(parameters),
      random(parameters),
    ]
    expectGradientsMatch((x, mean, variance, offset, scale) => {
      const y = normalize(x!, mean!, variance!, offset!, scale!)
      return tf.sum(tf.mul(tf.tanh(y), weight)) as tf.Scalar
    }, inputs)
  })

  test('equal finite differences through the moments of the batch', () => {
    const weight = random([4, 3, 2, 3])
    expectGradientsMatch(
      (x) => {
        const { mean, variance } = tf.moments(x!, [0, 1, 2])
        return tf.sum(tf.mul(normalize(x!, mean, variance), weight)) as tf.Scalar
      },
      [random([4, 3, 2, 3])],
    )
  })

  test('have gradients themselves', () => {
    const weight = random([3, 4])
    const [mean, variance] = [random([4]), positive([4])]
    const slope = (x: tf.Tensor) =>
      tf.grad((input) => tf.sum(tf.mul(tf.square(normalize(input, mean, variance)), weight)))(x)
    expectGradientsMatch((x) => tf.sum(tf.square(slope(x!))) as tf.Scalar, [random([3, 4])])
  })

  test('are refused, not zero, where TensorFlow.js cannot differentiate twice', () => {
    const slope = (x: tf.Tensor) => tf.grad((input) => tf.sum(tf.tanh(input)))(x)
    expect(() => tf.grad((x) => tf.sum(tf.square(slope(x))))(random([3]))).toThrow(/Cannot compute gradient/)
  })

  test('are exact where the mean is far from zero', () => {
    const x = tf.tensor2d([1000, 1001, 1002, 1003], [4, 1])
    const gradient = tf.grad((input) =>
      tf.sum(tf.square(normalize(input, tf.tensor1d([1001.5]), tf.tensor1d([1.25])))),
    )(x)
    expectClose(
      gradient,
      [-3, -1, 1, 3].map((distance) => distance / 1.26),
      { absolute: 1e-5 },
    )
    expect(gradient.shape).toEqual([4, 1])
  })
})
