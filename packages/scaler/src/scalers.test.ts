import { expectClose, expectGradientsMatch, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { MinMaxScaler } from './min-max-scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'
import { StandardScaler } from './standard-scaler.js'

const train = tf.tensor([1, 10, 3, 30, 5, 20], [3, 1, 2])

for (const [name, make] of [
  ['StandardScaler', () => new StandardScaler()],
  ['MinMaxScaler', () => new MinMaxScaler()],
] as const) {
  describe(name, () => {
    test('refuses a second fit, also while the first one runs', async () => {
      const message =
        `${name}: expected one fit(), got another (statistics come from the training data once). ` +
        'Use the fitted scaler for validation and test data, or make a new one for new training data.'
      const scaler = make()
      const first = scaler.fit(train)
      await expect(scaler.fit(train)).rejects.toThrow(message)
      await first
      await expect(scaler.fit(train)).rejects.toThrow(message)
      await expect(scalerFromJSON(scaler.toJSON()).fit(train)).rejects.toThrow(message)
    })

    test('refuses to be used before fit', () => {
      const scaler = make()
      expect(scaler.fitted).toBe(false)
      for (const [caller, use] of [
        ['transform()', () => scaler.transform(train)],
        ['inverseTransform()', () => scaler.inverseTransform(train)],
        ['toJSON()', () => scaler.toJSON()],
      ] as const) {
        expect(use).toThrow(
          `${name}: expected fit() before ${caller}, got an unfitted scaler. ` +
            'Await fit(trainData) first, or load saved statistics with fromJSON(state).',
        )
      }
    })

    test('refuses another number of channels', async () => {
      const scaler = await make().fit(train)
      expect(() => scaler.transform(tf.zeros([2, 5, 3]))).toThrow(
        `${name}.transform: expected 2 channels in the last axis, got 3 (shape [2,5,3]). ` +
          'Pass tensors laid out like the training data.',
      )
      expect(() => scaler.inverseTransform(tf.scalar(1))).toThrow(
        `${name}.inverseTransform: expected a tensor with a channel axis, got a scalar (axis='channel'). ` +
          "Use axis: 'all'.",
      )
    })

    test('refuses batches with different channels and stays unfitted', async () => {
      const scaler = make()
      await expect(scaler.fit([tf.zeros([2, 3]), tf.zeros([2, 4])])).rejects.toThrow(
        `${name}.fit: expected 3 channels in every batch, got 4 (batch 1, shape [2,4]). ` +
          'Fit on batches with the same last axis.',
      )
      expect(scaler.fitted).toBe(false)
      expect((await scaler.fit(train)).fitted).toBe(true)
    })

    test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      'refuses %s in the training data and says where it is',
      async (value) => {
        const scaler = make()
        await expect(scaler.fit([train, tf.tensor([1, 2, value, 4], [2, 1, 2])])).rejects.toThrow(
          `${name}.fit: expected finite values, got ${value} (batch 1, flat index 2, shape [2,1,2]). ` +
            'Repair or leave out such samples before fitting.',
        )
        expect(scaler.fitted).toBe(false)
      },
    )

    test.each([
      ['no batch', []],
      ['an empty batch', [tf.zeros([0, 2])]],
    ])('refuses %s', async (_, batches) => {
      await expect(make().fit(batches)).rejects.toThrow(
        `${name}.fit: expected at least one value, got none. Check the data source.`,
      )
    })

    test('refuses what is no numeric tensor', async () => {
      await expect(make().fit([[1, 2]] as never)).rejects.toThrow(
        `${name}.fit: expected a tensor, got object. Wrap the values in tf.tensor(...).`,
      )
      await expect(make().fit(tf.tensor(['a']))).rejects.toThrow(
        `${name}.fit: expected a numeric tensor, got dtype=string (shape [1]).`,
      )
    })

    test('scales validation data with the statistics of the training data only', async () => {
      const scaler = await make().fit(train)
      const before = JSON.stringify(scaler)
      const both = scaler.transform(tf.tensor([100, -7, 3, 30], [2, 1, 2]))
      const alone = scaler.transform(tf.tensor([3, 30], [1, 1, 2]))
      expect([...both.dataSync()].slice(2)).toEqual([...alone.dataSync()])
      expect(JSON.stringify(scaler)).toBe(before)
    })

    test('takes integers and async generators that dispose of their batches', async () => {
      async function* batches() {
        for (const values of [
          [1, 10, 3, 30],
          [5, 20],
        ]) {
          const batch = tf.tensor(values, [values.length / 2, 1, 2], 'int32')
          yield batch
          batch.dispose()
        }
      }
      const ones = tf.ones([1, 2], 'int32')
      const expected = (await make().fit(train)).toJSON()
      await expectNoTensorLeak(async () => {
        const scaler = await make().fit(batches())
        expect(scaler.toJSON()).toEqual(expected)
        const scaled = scaler.transform(ones)
        expect(scaled.dtype).toBe('float32')
        return scaled
      })
    })

    test('leaves no tensor behind', async () => {
      await expectNoTensorLeak(async () => {
        const scaler = await make().fit([train, train])
        const scaled = scaler.transform(train)
        const restored = scaler.inverseTransform(scaled)
        expectClose(restored, train.dataSync())
        return [scaled, restored]
      })
    })

    test('transform is differentiable', async () => {
      const scaler = await make().fit(train)
      expectGradientsMatch((x) => tf.sum(tf.square(scaler.transform(x!))), [tf.tensor([0.5, 7], [1, 2])])
    })

    test('refuses an unknown axis', () => {
      const Scaler = make().constructor as typeof StandardScaler
      expect(() => new Scaler({ axis: 'batch' as never })).toThrow(
        `${name}: expected axis to be 'channel' or 'all', got "batch". ` +
          "Choose 'channel' for one mean per entry of the last axis, 'all' for a single one.",
      )
    })
  })
}

test('a scalar keeps its shape with axis all', async () => {
  const standard = await new StandardScaler({ axis: 'all' }).fit(train)
  const minMax = await new MinMaxScaler({ axis: 'all' }).fit(train)
  expect(standard.transform(tf.scalar(2)).shape).toEqual([])
  expect(minMax.transform(tf.scalar(2)).shape).toEqual([])
})

test('a large mean with a small deviation keeps its digits in float32', () => {
  const state = { kind: 'standard', version: 1, axis: 'all', count: 9, mean: [4096.3], variance: [0.01] }
  const scaler = StandardScaler.fromJSON(state)
  expectClose(scaler.transform(tf.tensor([4096.25, 4097])), [-0.5, 7], { absolute: 1e-5, relative: 0 })
  expectClose(scaler.inverseTransform(tf.tensor([-0.5])), [4096.25], { absolute: 3e-4, relative: 0 })
})

test('MinMaxScaler maps the training limits to the range exactly', async () => {
  const pixels = await new MinMaxScaler({ axis: 'all' }).fit(tf.tensor([0, 12, 255]))
  expect([...pixels.transform(tf.tensor([0, 255])).dataSync()]).toEqual([-1, 1])
})

test('a spread that float32 cannot hold counts as constant', async () => {
  const state = { kind: 'standard', version: 1, axis: 'all', count: 9, mean: [0], variance: [1e-90] }
  expect([
    ...StandardScaler.fromJSON(state)
      .transform(tf.tensor([0, 2]))
      .dataSync(),
  ]).toEqual([0, 2])
})

test.each([[[1, -1]], [[0, 0]], [[0, Number.NaN]], [[0]]])('MinMaxScaler refuses the range %j', (range) => {
  expect(() => new MinMaxScaler({ range: range as [number, number] })).toThrow(
    `MinMaxScaler: expected range to be two finite numbers in ascending order, got [${range.join(', ')}]. ` +
      'Try [-1, 1] or [0, 1].',
  )
})
