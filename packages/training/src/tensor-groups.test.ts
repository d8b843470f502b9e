import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { joinGroups, takeGroup } from './tensor-groups.js'

test('groups come back as they went in, the very same tensors', () => {
  const [a, b, c] = [tf.scalar(1), tf.scalar(2), tf.scalar(3)]
  const joined = joinGroups({ model: { 'layer/kernel': a, bias: b }, modelAverage: { bias: c }, empty: {} })
  expect(Object.keys(joined)).toEqual(['model/layer/kernel', 'model/bias', 'modelAverage/bias'])
  expect(takeGroup(joined, 'model')).toEqual({ 'layer/kernel': a, bias: b })
  expect(takeGroup(joined, 'model').bias).toBe(b)
  expect(takeGroup(joined, 'modelAverage')).toEqual({ bias: c })
  expect(takeGroup(joined, 'empty')).toEqual({})
  expect(takeGroup(joined, 'mod')).toEqual({})
})

test('refuses a group name that could not be taken apart', () => {
  for (const name of ['a/b', '']) {
    expect(() => joinGroups({ [name]: {} })).toThrow(
      `joinGroups: expected group names without "/", got "${name}". Rename the group.`,
    )
  }
})
