import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { MinMaxScaler } from './min-max-scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'
import { StandardScaler } from './standard-scaler.js'

const train = tf.tensor([1, 10, 3, 30, 5, 20], [3, 1, 2])
const standard = (await new StandardScaler().fit(train)).toJSON()
const minMax = (await new MinMaxScaler({ range: [0, 1] }).fit(train)).toJSON()

test('the state names its kind, version, count and statistics', () => {
  expect(standard).toEqual({
    kind: 'standard',
    version: 1,
    axis: 'channel',
    count: 3,
    mean: [3, 20],
    variance: [8 / 3, 200 / 3],
  })
  expect(minMax).toEqual({
    kind: 'min-max',
    version: 1,
    axis: 'channel',
    range: [0, 1],
    count: 3,
    minimum: [1, 10],
    maximum: [5, 30],
  })
})

test('scalerFromJSON picks the class by kind', () => {
  expect(scalerFromJSON(standard)).toBeInstanceOf(StandardScaler)
  expect(scalerFromJSON(minMax)).toBeInstanceOf(MinMaxScaler)
})

test('a change to a saved state or to a returned list does not reach the scaler', () => {
  const state = structuredClone(standard)
  const scaler = StandardScaler.fromJSON(state)
  state.mean[0] = 99
  scaler.mean[0] = 99
  scaler.toJSON().mean[0] = 99
  expect(scaler.mean).toEqual([3, 20])
})

describe('a damaged or foreign state is refused', () => {
  test.each([
    ['text', '{}', 'StandardScaler.fromJSON: expected a state object, got a string. Pass JSON.parse(text).'],
    [
      'null',
      null,
      'StandardScaler.fromJSON: expected a state object, got null. Pass what toJSON() returned.',
    ],
    [
      'an array',
      [1],
      'StandardScaler.fromJSON: expected a state object, got an array. Pass what toJSON() returned.',
    ],
    [
      'the other kind',
      minMax,
      'StandardScaler.fromJSON: expected kind to be "standard", got "min-max". Use scalerFromJSON to pick the class.',
    ],
    [
      'a later version',
      { ...standard, version: 2 },
      'StandardScaler.fromJSON: expected version to be 1, got 2. The state was written by another version.',
    ],
    [
      'an unknown axis',
      { ...standard, axis: 'rows' },
      'StandardScaler.fromJSON: expected axis to be "channel" or "all", got "rows". ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'count 0',
      { ...standard, count: 0 },
      'StandardScaler.fromJSON: expected count to be a positive integer, got 0. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'a NaN that JSON turned into null',
      { ...standard, mean: [1, null] },
      'StandardScaler.fromJSON: expected mean to be a list of finite numbers, got [1,null]. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'no mean',
      { ...standard, mean: undefined },
      'StandardScaler.fromJSON: expected mean to be a list of finite numbers, got undefined. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'lists of different lengths',
      { ...standard, variance: [1] },
      'StandardScaler.fromJSON: expected variance to be 2 finite numbers, got [1]. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'two means for one axis',
      { ...standard, axis: 'all' },
      'StandardScaler.fromJSON: expected mean to be 1 finite number, got [3,20]. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'a negative variance',
      { ...standard, variance: [1, -1] },
      'StandardScaler.fromJSON: expected variance to be no less than 0, got [1,-1]. ' +
        'The state is damaged; fit again or restore it.',
    ],
  ])('StandardScaler: %s', (_, state, message) => {
    expect(() => StandardScaler.fromJSON(state)).toThrow(expect.objectContaining({ message }))
  })

  test.each([
    [
      'a maximum below the minimum',
      { ...minMax, maximum: [0, 30] },
      'MinMaxScaler.fromJSON: expected maximum to be no less than minimum, got [0,30]. ' +
        'The state is damaged; fit again or restore it.',
    ],
    [
      'a reversed range',
      { ...minMax, range: [1, 0] },
      'MinMaxScaler.fromJSON: expected range to be in ascending order, got [1,0]. ' +
        'The state is damaged; fit again or restore it.',
    ],
  ])('MinMaxScaler: %s', (_, state, message) => {
    expect(() => MinMaxScaler.fromJSON(state)).toThrow(expect.objectContaining({ message }))
  })

  test.each([
    [undefined, 'got no kind (undefined). Pass what toJSON() of a scaler returned.'],
    ['{"kind":"standard"}', 'got no kind (string). Pass JSON.parse(text).'],
    [{ kind: 'robust' }, 'got "robust". Pass what toJSON() of a scaler returned.'],
    [null, 'got undefined. Pass what toJSON() of a scaler returned.'],
  ])('scalerFromJSON: %j', (state, message) => {
    expect(() => scalerFromJSON(state)).toThrow(
      `scalerFromJSON: expected kind to be "standard" or "min-max", ${message}`,
    )
  })
})
