import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { expectGradientsMatch, expectVariableGradientsMatch } from './expect-gradients-match.js'
import { expectNoTensorLeak } from './expect-no-tensor-leak.js'

/** x² whose gradient is wrong by the given factor. */
function squareWithGradient(factor: number) {
  return tf.customGrad((x) => {
    const input = x as tf.Tensor
    return {
      value: tf.square(input),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.mul(2 * factor, input)),
    }
  })
}

describe('expectGradientsMatch', () => {
  test('accepts the gradients of a product in both arguments', () => {
    const xs = [tf.tensor([0.5, -1, 2]), tf.tensor([3, 0.1, -0.7])]
    expectGradientsMatch((a, b) => tf.sum(tf.mul(tf.square(a!), b!)), xs)
  })

  test('refuses a gradient that is 5 % too large, with index and both values', () => {
    const wrong = squareWithGradient(1.05)
    expect(() => expectGradientsMatch((x) => tf.sum(wrong(x!)), [tf.tensor([0.5, 3])])).toThrow(
      /^expectGradientsMatch: input 0 \(shape \[2\]\) at index 1: gradient 6\.29\d*, finite difference 6/,
    )
    expectGradientsMatch((x) => tf.sum(squareWithGradient(1)(x!)), [tf.tensor([0.5, 3])])
  })

  test('sees an error in the gradient of one input only', () => {
    const wrong = squareWithGradient(0.9)
    const xs = [tf.tensor([1, 2]), tf.tensor([3, 4])]
    expect(() => expectGradientsMatch((a, b) => tf.sum(tf.add(tf.square(a!), wrong(b!))), xs)).toThrow(
      'input 1 (shape [2]) at index 0',
    )
  })

  test('leaves no tensor behind', async () => {
    const x = tf.tensor([1, 2])
    await expectNoTensorLeak(() => expectGradientsMatch((input) => tf.sum(tf.square(input!)), [x]))
  })
})

describe('expectVariableGradientsMatch', () => {
  test('accepts the right gradient, refuses the wrong one and restores the values', () => {
    const weight = tf.variable(tf.tensor([1.5, -2]), true, 'weight')
    expectVariableGradientsMatch(() => tf.sum(tf.square(weight)), [weight])
    const wrong = squareWithGradient(0.9)
    expect(() => expectVariableGradientsMatch(() => tf.sum(wrong(weight)), [weight])).toThrow(
      'variable weight (shape [2])',
    )
    expect([...weight.dataSync()]).toEqual([1.5, -2])
  })
})
