import { Readable } from 'node:stream'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { StandardScaler } from './standard-scaler.js'
import type { Values } from './values.js'

// Two features with means 2 and 20 and deviations 1 and 10.
const rows = [
  [1, 10],
  [3, 30],
]
const flat = [1, 10, 3, 30]
const fitted = () => new StandardScaler().fit(rows)

const forms: [string, Values][] = [
  ['rows', rows],
  ['deeper rows', [[rows[0]!], [rows[1]!]]],
  ['rows that are typed arrays', [Float32Array.of(1, 10), Float32Array.of(3, 30)]],
  ['{ data, shape }', { data: flat, shape: [2, 2] }],
  ['{ data, shape } of a typed array', { data: Int16Array.from(flat), shape: [2, 1, 2] }],
  [
    'objects',
    [
      { a: 1, b: 10 },
      { b: 30, a: 3 },
    ],
  ],
  ['a tensor', tf.tensor2d(rows)],
  ['an integer tensor', tf.tensor3d(flat, [2, 1, 2], 'int32')],
]

describe.each(forms)('%s', (_, data) => {
  test('fits like a tensor', async () => {
    const scaler = await new StandardScaler().fit(data)
    expect([scaler.mean, scaler.std, scaler.rows]).toEqual([
      [2, 20],
      [1, 10],
      [2, 2],
    ])
  })

  test('fits as one of the batches of a stream', async () => {
    async function* batches() {
      yield data
      yield data
    }
    const scaler = await new StandardScaler().fit(batches())
    expect([scaler.mean, scaler.rows]).toEqual([
      [2, 20],
      [4, 4],
    ])
  })
})

describe('flat numbers', () => {
  test('are refused where the number of features is not known', async () => {
    const message =
      'StandardScaler.fit: expected rows of features, got 4 flat numbers. Pass [row, row, …] or ' +
      "{ data, shape: [rows, features] }, name the features, or use axis: 'all' for one feature."
    for (const data of [flat, Float32Array.from(flat), tf.tensor1d(flat)]) {
      await expect(new StandardScaler().fit(data)).rejects.toThrow(message)
    }
  })

  test('are rows where it is known', async () => {
    const scaler = await new StandardScaler({ features: ['a', 'b'] }).fit(Float64Array.from(flat))
    expect(scaler.mean).toEqual([2, 20])
    expect(scaler.transform([3, 10, 1, 20])).toEqual([1, -1, -1, 0])
    await expect(new StandardScaler({ features: ['a', 'b'] }).fit([1, 2, 3])).rejects.toThrow(
      'expected 2 features in axis -1, got 3',
    )
  })

  test('are one feature with axis all', async () => {
    const scaler = await new StandardScaler({ axis: 'all' }).fit(Uint8Array.of(1, 3))
    expect([scaler.mean, scaler.transform(Uint8Array.of(1, 4))]).toEqual([[2], Float32Array.of(-1, 2)])
  })

  test('are one row among other rows', async () => {
    function* stream() {
      yield* rows
    }
    expect((await new StandardScaler().fit(stream())).mean).toEqual([2, 20])
  })
})

describe('transform gives back the form it got', () => {
  test('rows, typed arrays and objects in float64 or float32', async () => {
    const scaler = await fitted()
    expect(scaler.transform([[3, 10]])).toEqual([[1, -1]])
    expect(scaler.transform([3, 10])).toEqual([1, -1])
    expect(scaler.transform([[[3, 10]], [[1, 10]]])).toEqual([[[1, -1]], [[-1, -1]]])
    expect(scaler.transform(Float64Array.of(3, 10))).toEqual(Float64Array.of(1, -1))
    expect(scaler.transform(Float32Array.of(3, 10))).toEqual(Float32Array.of(1, -1))
    expect(scaler.transform(Uint8Array.of(3, 10))).toEqual(Float32Array.of(1, -1))
    expect(scaler.transform([Float32Array.of(3, 10)])).toEqual([Float32Array.of(1, -1)])
    expect(scaler.transform({ data: Int32Array.of(3, 10), shape: [1, 2] })).toEqual({
      data: Float32Array.of(1, -1),
      shape: [1, 2],
    })
    expect(scaler.transform([])).toEqual([])
  })

  test('objects by their keys, one or many', async () => {
    const scaler = await new StandardScaler().fit([
      { a: 1, b: 10 },
      { a: 3, b: 30 },
    ])
    expect(scaler.features).toEqual(['a', 'b'])
    expect(scaler.transform({ b: 10, a: 3 })).toEqual({ a: 1, b: -1 })
    expect(scaler.inverseTransform([{ b: -1, a: 1 }])).toEqual([{ a: 3, b: 10 }])
  })

  test('a stream batch by batch', async () => {
    const scaler = await fitted()
    const scaled = []
    async function* stream() {
      yield [[3, 10]]
      yield [[1, 10]]
    }
    for await (const batch of scaler.transform(stream())) scaled.push(batch)
    expect(scaled).toEqual([[[1, -1]], [[-1, -1]]])
    const tensors = []
    for await (const batch of scaler.transform([tf.tensor2d([[3, 10]])])) tensors.push(...batch.dataSync())
    expect(tensors).toEqual([1, -1])
  })

  test('does not change what it got', async () => {
    const [data, numbers] = [[[3, 10]], Float64Array.of(3, 10)]
    const scaler = await fitted()
    scaler.transform(data)
    scaler.transform(numbers)
    expect([data, numbers]).toEqual([[[3, 10]], Float64Array.of(3, 10)])
  })
})

test('web streams are read, and let go of when a batch does not fit', async () => {
  const stream = (...batches: number[][][]) =>
    new ReadableStream<number[][]>({
      start(controller) {
        for (const batch of batches) controller.enqueue(batch)
        controller.close()
      },
    })
  const scaler = await new StandardScaler().fit(stream([rows[0]!], [rows[1]!]))
  expect(scaler.mean).toEqual([2, 20])
  const bad = stream([[1, 2]], [[1]])
  await expect(new StandardScaler().fit(bad)).rejects.toThrow('expected 2 features')
  expect(bad.locked).toBe(false)
})

test('Node streams are read', async () => {
  expect((await new StandardScaler().fit(Readable.from(rows))).mean).toEqual([2, 20])
})

test('objects lose their names where all values share their statistics', async () => {
  const scaler = await new StandardScaler({ axis: 'all', features: ['any'] }).fit([{ a: 1, b: 3 }])
  expect([scaler.mean, scaler.features, scaler.transform({ a: 3, b: 1 })]).toEqual([
    [2],
    ['any'],
    { a: 1, b: -1 },
  ])
  expect(StandardScaler.fromJSON(scaler.toJSON()).features).toEqual(['any'])
})

describe('names', () => {
  const named = () => new StandardScaler({ features: ['a', 'b'] }).fit(rows)

  test('of another data set are refused', async () => {
    const scaler = await named()
    const expected = 'StandardScaler.transform: expected the features a, b, got '
    const fix = '. Pass the features of the training data.'
    expect(() => scaler.transform({ a: 1 })).toThrow(`${expected}data without b${fix}`)
    expect(() => scaler.transform([{ a: 1, b: 2, c: 3 }])).toThrow(`${expected}data with the unknown c${fix}`)
    expect(() => scaler.transform([{ a: 1, c: 3 }])).toThrow(
      `${expected}data without b and with the unknown c${fix}`,
    )
    expect(() => scaler.transform(rows, { features: ['b', 'a'] })).toThrow(`${expected}the order b, a${fix}`)
    expect(scaler.transform(rows, { features: ['a', 'b'] })).toHaveLength(2)
  })

  test('must be the same in each batch', async () => {
    await expect(new StandardScaler().fit([{ a: 1 }, { b: 1 }])).rejects.toThrow(
      'data without a and with the unknown b',
    )
    const scaler = await new StandardScaler().partialFit([{ a: 1 }])
    await expect(scaler.partialFit([{ b: 1 }])).rejects.toThrow('data without a and with the unknown b')
  })

  test('are kept in the saved state', async () => {
    const scaler = StandardScaler.fromJSON(JSON.parse(JSON.stringify(await named())))
    expect(scaler.features).toEqual(['a', 'b'])
    expect(() => scaler.transform({ a: 1 })).toThrow('without b')
  })
})

test.each([
  [null, 'expected data or batches of data, got null.'],
  [7, 'expected data or batches of data, got number.'],
  ['text', 'expected data or batches of data, got string.'],
  [[[1, null]], 'expected numbers, got null (index 1). Use NaN for a missing value.'],
  [['1', '2'], 'expected rows of numbers, got "1" among them (depth 1). Use NaN for a missing value.'],
  [[[1, 2], [3]], 'expected arrays of one length at depth 1, got 2 and 1. Pass rows of the same width.'],
  [[{ a: 1 }, { a: '2' }], 'expected numbers, got "2" (index 1). Use NaN for a missing value.'],
  [{ data: [1, 2, 3], shape: [2, 2] }, 'expected data of 4 numbers for the shape [2,2], got 3.'],
  [
    { data: [1, 2], shape: [2, 1], fortranOrder: true },
    'expected numbers in C order, got fortranOrder=true.',
  ],
  [tf.tensor(['a']), 'expected a numeric tensor, got dtype=string (shape [1]).'],
])('refuses %j as training data', async (data, message) => {
  await expect(new StandardScaler().fit(data as never)).rejects.toThrow(`StandardScaler.fit: ${message}`)
})
