import { readFileSync } from 'node:fs'
import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { ScalerAxis } from './batches.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { StandardScaler } from './standard-scaler.js'

interface Case {
  kind: 'standard' | 'min-max'
  axis: ScalerAxis
  range: [number, number]
  count: number
  mean: number[]
  variance: number[]
  divisor: number[]
  minimum: number[]
  maximum: number[]
  transformed: number[]
}

interface Fixture {
  shape: number[]
  splits: number[]
  data: number[]
  heldOutShape: number[]
  heldOut: number[]
  cases: Case[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../fixtures/scikit-learn.json', import.meta.url), 'utf8'),
)
const data = tf.tensor(fixture.data, fixture.shape)
const heldOut = tf.tensor(fixture.heldOut, fixture.heldOutShape)
const batches = tf.split(data, fixture.splits)
const exactly = { absolute: 0, relative: 1e-12 }
const toFloat32 = { absolute: 2e-6, relative: 2e-6 }

for (const expected of fixture.cases.filter(({ kind }) => kind === 'standard')) {
  describe(`StandardScaler with axis ${expected.axis}`, () => {
    test('has the float64 statistics of scikit-learn after three batches', async () => {
      const { count, mean, variance } = (await new StandardScaler(expected).fit(batches)).toJSON()
      expect(count).toBe(expected.count)
      expectClose(mean, expected.mean, exactly)
      expectClose(variance, expected.variance, exactly)
    })

    test('scales held-out data as scikit-learn does, with divisor 1 for the constant channel', async () => {
      const scaler = await new StandardScaler(expected).fit(batches)
      expectClose(scaler.transform(heldOut), expected.transformed, toFloat32)
    })

    test('reports the standard deviation itself, 0 for the constant channel', async () => {
      const scaler = await new StandardScaler(expected).fit(data)
      expectClose(scaler.mean, expected.mean, exactly)
      expectClose(scaler.std, expected.variance.map(Math.sqrt), exactly)
    })
  })
}

for (const expected of fixture.cases.filter(({ kind }) => kind === 'min-max')) {
  describe(`MinMaxScaler with axis ${expected.axis} and range [${expected.range}]`, () => {
    test('has the limits of scikit-learn after three batches', async () => {
      const scaler = await new MinMaxScaler(expected).fit(batches)
      expect(scaler.minimum).toEqual(expected.minimum)
      expect(scaler.maximum).toEqual(expected.maximum)
      expect(scaler.toJSON().count).toBe(expected.count)
    })

    test('scales held-out data as scikit-learn does, beyond the range where it goes beyond the limits', async () => {
      const scaler = await new MinMaxScaler(expected).fit(batches)
      const width = expected.range[1] - expected.range[0]
      expectClose(scaler.transform(heldOut), expected.transformed, {
        absolute: 2e-6 * width,
        relative: 2e-6,
      })
    })
  })
}
