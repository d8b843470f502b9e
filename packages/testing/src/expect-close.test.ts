import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { expectClose } from './expect-close.js'

describe('expectClose', () => {
  test('accepts tensors and arrays within the tolerance', () => {
    expectClose([1, 2.00001], [1, 2])
    expectClose(tf.tensor([[1, 2, 3]]), [1, 2, 3])
    expectClose([1.4], [1], { absolute: 0.5 })
  })

  test('shows index, actual and expected value of what differs', () => {
    expect(() => expectClose(tf.tensor([1, 2.5, 3, 5], [2, 2]), [1, 2, 3, 4])).toThrow(
      'expectClose: 2 of 4 values differ by more than 0.00001 + 0.0001 · |expected| (shape [2,2]):\n' +
        '  [1] actual 2.5, expected 2\n  [3] actual 5, expected 4',
    )
  })

  test('refuses another number of values', () => {
    expect(() => expectClose([1], [1, 2])).toThrow('expectClose: expected 2 values, got 1.')
  })

  test('treats NaN as close to NaN only', () => {
    expectClose([Number.NaN, Number.POSITIVE_INFINITY], [Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => expectClose([Number.NaN], [0])).toThrow('[0] actual NaN, expected 0')
    expect(() => expectClose([0], [Number.NaN])).toThrow('[0] actual 0, expected NaN')
  })

  test('treats an infinity as close to itself only', () => {
    const infinity = Number.POSITIVE_INFINITY
    expect(() => expectClose([1], [infinity])).toThrow('[0] actual 1, expected Infinity')
    expect(() => expectClose([-infinity], [infinity])).toThrow('[0] actual -Infinity, expected Infinity')
  })
})
