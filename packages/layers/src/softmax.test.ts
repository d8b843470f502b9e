import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, test } from 'vitest'
import { softmax } from './softmax.js'

describe('softmax', () => {
  const x = tf.tensor([
    [0.5, -1, 0.3, 2],
    [1, 0.2, -0.4, 0],
  ])
  const weights = tf.tensor([
    [1, -2, 0.5, 0.3],
    [0.1, 3, -1, 2],
  ])
  const loss = (input: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(softmax(input), weights))
  const first = (input: tf.Tensor) => tf.sum<tf.Scalar>(tf.square(tf.grad(loss)(input)))
  const second = (input: tf.Tensor) => tf.sum<tf.Scalar>(tf.square(tf.grad(first)(input)))

  test('equals tf.softmax', () => {
    expectClose(softmax(x), [...tf.softmax(x).dataSync()], { absolute: 0, relative: 0 })
  })

  test('has right first, second and third derivatives', () => {
    expectGradientsMatch((input) => loss(input!), [x])
    expectGradientsMatch((input) => first(input!), [x])
    expectGradientsMatch((input) => second(input!), [x])
  })

  test('leaves no tensor behind', async () => {
    await expectNoTensorLeak(() => softmax(x))
    await expectNoTensorLeak(() => tf.grad(loss)(x))
    await expectNoTensorLeak(() => tf.grad(first)(x))
  })
})
