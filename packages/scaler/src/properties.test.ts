import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MinMaxScaler } from './min-max-scaler.js'
import { mergeMoments, momentsOf } from './moments.js'
import { type Scaler, scalerFromJSON } from './scaler-from-json.js'
import { StandardScaler } from './standard-scaler.js'

const settings = { seed: 11, numRuns: 60 }

/** Values of [rows, channels], with rows that are cut into batches after `cut` rows. */
const samples = fc
  .record({ rows: fc.integer({ min: 2, max: 12 }), channels: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rows, channels }) =>
    fc.record({
      channels: fc.constant(channels),
      cut: fc.integer({ min: 1, max: rows - 1 }),
      values: fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
        minLength: rows * channels,
        maxLength: rows * channels,
      }),
    }),
  )

const scalers: [string, () => Scaler][] = [
  ['StandardScaler per channel', () => new StandardScaler()],
  ['StandardScaler over all', () => new StandardScaler({ axis: 'all' })],
  ['MinMaxScaler per channel', () => new MinMaxScaler()],
  ['MinMaxScaler over all', () => new MinMaxScaler({ axis: 'all', range: [0, 255] })],
]

describe.each(scalers)('%s', (_, make) => {
  test('inverseTransform undoes transform', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ channels, values }) => {
        const x = tf.tensor(values, [values.length / channels, channels])
        const scaler = await make().fit(x)
        const largest = Math.max(...values.map(Math.abs))
        expectClose(scaler.inverseTransform(scaler.transform(x)), values, {
          absolute: 1e-6 * largest,
          relative: 0,
        })
      }),
      settings,
    )
  })

  test('the statistics do not depend on how the data is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ channels, cut, values }) => {
        const x = tf.tensor(values, [values.length / channels, channels])
        const whole = (await make().fit(x)).toJSON()
        const parts = (await make().fit(tf.split(x, [cut, values.length / channels - cut]))).toJSON()
        const [a, b] = [whole, parts].map(({ kind, version, axis, ...numbers }) =>
          Object.values(numbers).flat(),
        )
        expectClose(b!, a!, { absolute: 1e-10, relative: 1e-10 })
      }),
      settings,
    )
  })

  test('a scaler from its JSON text gives bit-equal results', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ channels, values }) => {
        const x = tf.tensor(values, [values.length / channels, channels])
        const scaler = await make().fit(x)
        const loaded = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
        expect(loaded.toJSON()).toEqual(scaler.toJSON())
        expect(loaded.transform(x).dataSync()).toEqual(scaler.transform(x).dataSync())
      }),
      settings,
    )
  })
})

test('StandardScaler leaves training data with mean 0 and deviation 1', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async ({ channels, values }) => {
      const x = tf.tensor(values, [values.length / channels, channels])
      const scaler = await new StandardScaler().fit(x)
      fc.pre(scaler.std.every((std) => std > 1e-3))
      const { mean, variance } = tf.moments(scaler.transform(x), 0)
      expectClose(mean, Array(channels).fill(0), { absolute: 1e-4 })
      expectClose(variance, Array(channels).fill(1), { absolute: 1e-4 })
    }),
    settings,
  )
})

test('merging moments is symmetric and equals the moments of everything', () => {
  fc.assert(
    fc.property(samples, ({ channels, cut, values }) => {
      const [a, b] = [values.slice(0, cut * channels), values.slice(cut * channels)].map((part) =>
        momentsOf(part, channels),
      )
      const whole = momentsOf(values, channels)
      for (const merged of [mergeMoments(a!, b!), mergeMoments(b!, a!)]) {
        expect(merged.count).toBe(whole.count)
        expectClose([...merged.mean], whole.mean, { absolute: 1e-10, relative: 1e-10 })
        expectClose([...merged.squares], whole.squares, { absolute: 1e-7, relative: 1e-10 })
      }
    }),
    settings,
  )
})

test('the variance survives a mean that is a billion times larger', () => {
  const values = [4, 7, 13, 16].map((value) => value + 1e9)
  expect(momentsOf(values, 1)).toEqual({ count: 4, mean: [1e9 + 10], squares: [90] })
})
