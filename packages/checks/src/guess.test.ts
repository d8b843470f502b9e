import * as tf from '@tensorflow/tfjs-core'
import { metrics } from '@tensorflow/tfjs-layers'
import { describe, expect, test } from 'vitest'
import { guess, lowestLoss } from './guess.js'

describe('the loss of a guess', () => {
  test.each([2, 10, 1000])('of %i classes is −ln(1/C), sparse or not', (classes) => {
    const targets = Array.from({ length: classes }, (_, index) => (index === 0 ? 1 : 0))
    expect(guess('categoricalCrossentropy', targets, classes)!.loss).toBeCloseTo(Math.log(classes), 12)
    expect(guess('sparseCategoricalCrossentropy', [1, 0], classes)!.loss).toBeCloseTo(Math.log(classes), 12)
  })

  test('of ten classes is ln 10', () => {
    expect(guess('sparseCategoricalCrossentropy', [3], 10)!.loss).toBeCloseTo(Math.LN10, 12)
  })

  test('is what TensorFlow.js computes for equal probabilities and for outputs of 0', () => {
    const onehot = tf.tensor2d([1, 0, 0, 0, 0, 1], [2, 3])
    const even = metrics.categoricalCrossentropy(onehot, tf.fill([2, 3], 1 / 3)).dataSync()[0]
    expect(guess('categoricalCrossentropy', onehot.dataSync(), 3)!.loss).toBeCloseTo(even!, 5)
    const values = tf.tensor2d([3, -1, 2, 0.5], [4, 1])
    const error = tf.losses.meanSquaredError(values, tf.zerosLike(values)).dataSync()[0]
    expect(guess('meanSquaredError', values.dataSync(), 1)!.loss).toBeCloseTo(error!, 5)
    const distance = tf.losses.absoluteDifference(values, tf.zerosLike(values)).dataSync()[0]
    expect(guess('meanAbsoluteError', values.dataSync(), 1)!.loss).toBeCloseTo(distance!, 5)
    const huber = tf.losses.huberLoss(values, tf.zerosLike(values)).dataSync()[0]
    expect(guess('huber', values.dataSync(), 1)!.loss).toBeCloseTo(huber!, 5)
    const hinge = tf.losses.hingeLoss(tf.tensor([1, 0, 1]), tf.zeros([3])).dataSync()[0]
    expect(guess('hinge', [1, -1, 1], 1)!.loss).toBeCloseTo(hinge!, 6)
  })
})

describe('the best constant answer', () => {
  test('of unbalanced classes has their entropy', () => {
    const expected = -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1))
    const sparse = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    expect(guess('sparseCategoricalCrossentropy', sparse, 2)!.constant).toBeCloseTo(expected, 12)
    expect(guess('binaryCrossentropy', sparse, 1)!.constant).toBeCloseTo(expected, 12)
  })

  test('of numbers is their mean in each column', () => {
    expect(guess('meanSquaredError', [1, 10, 3, 10], 2)!.constant).toBeCloseTo(0.5, 12)
  })
})

test('the lowest cross-entropy is that of the targets themselves', () => {
  expect(lowestLoss('binaryCrossentropy', [0, 1, 0.5, 0.5], 1)).toBeCloseTo(Math.LN2 / 2, 12)
  expect(lowestLoss('categoricalCrossentropy', [0.5, 0.5, 1, 0], 2)).toBeCloseTo(Math.LN2 / 2, 12)
  expect(lowestLoss('meanSquaredError', [1, 2], 1)).toBe(0)
})
