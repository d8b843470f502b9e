import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import fixture from '../fixtures/distribution-scalers.json' with { type: 'json' }
import { PowerScaler } from './power-scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'

const toNumbers = (list: (number | null)[]) => list.map((value) => value ?? Number.NaN)
const column = (values: readonly number[]) => values.map((value) => [value])

describe.each(fixture.power)('$name', ({ data, held, back, results }) => {
  const train = toNumbers(data)
  test.each(results)('like scikit-learn, standardize: $standardize', async (expected) => {
    const scaler = new PowerScaler({ standardize: expected.standardize })
    await scaler.partialFit(column(train.slice(0, 3)))
    if (train.length > 3) await scaler.partialFit(column(train.slice(3)))
    expectClose(scaler.lambda, [expected.lambda], { absolute: 1e-6, relative: 1e-6 })
    const wanted = toNumbers(expected.transformed)
    const close = { absolute: 1e-5, relative: 1e-5 }
    expectClose(scaler.transform(column(toNumbers(held))).flat(), wanted, close)
    expectClose(scaler.transform(tf.tensor2d(column(toNumbers(held)))), wanted, {
      absolute: 1e-4,
      relative: 1e-4,
    })
    if (!expected.standardize) return
    const values = column(toNumbers(back))
    expectClose(scaler.inverseTransform(values).flat(), toNumbers(expected.inverse), close)
    expectClose(scaler.inverseTransform(tf.tensor2d(values)), toNumbers(expected.inverse), {
      absolute: 1e-4,
      relative: 1e-3,
    })
  })
})

describe.each(fixture.extreme)('$name', ({ data, lambda, step, transformed }) => {
  test('is right in 60 digits, and comes back', async () => {
    const scaler = await new PowerScaler().fit(column(data))
    expectClose(scaler.lambda, [lambda], { absolute: 1e-6 * step, relative: 1e-12 })
    const actual = scaler.transform(column(data)).flat()
    expectClose(actual.slice(0, transformed.length), transformed, { absolute: 1e-6, relative: 1e-6 })
    expect(actual.reduce((sum, z) => sum + z, 0) / actual.length).toBeCloseTo(0, 9)
    expect(actual.reduce((sum, z) => sum + z * z, 0) / actual.length).toBeCloseTo(1, 9)
    const spread = Math.max(...data) / 2 - Math.min(...data) / 2
    expectClose(scaler.inverseTransform(column(actual)).flat(), data, {
      absolute: 1e-11 * spread,
      relative: 1e-12,
    })
    const saved = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
    expect(saved.transform(column(data)).flat()).toEqual(actual)
  })
})

const skewed = Array.from({ length: 300 }, (_, i) => [
  Math.exp(((i * 193) % 300) / 70),
  -Math.exp(((i * 37) % 300) / 100),
  ((i * 71) % 300) / 30 - 4,
])

describe('PowerScaler', () => {
  test('float32 tensors come back', async () => {
    for (const standardize of [true, false]) {
      const scaler = await new PowerScaler({ standardize }).fit(skewed)
      const x = tf.tensor2d(skewed)
      expectClose(scaler.inverseTransform(scaler.transform(x)), x.dataSync(), {
        absolute: 1e-5,
        relative: 1e-5,
      })
    }
  })

  test('float32 tensors keep a small spread beside a large mean', async () => {
    const values = Array.from({ length: 60 }, (_, i) => 4096 + i ** 2 / 3600)
    const scaler = await new PowerScaler().fit(column(values))
    const x = tf.tensor2d(column(values))
    const float32 = column([...x.dataSync()])
    expectClose(scaler.transform(x), scaler.transform(float32).flat(), { absolute: 1e-4, relative: 1e-4 })
    expectClose(scaler.inverseTransform(scaler.transform(x)), x.dataSync(), { absolute: 1e-3, relative: 0 })
  })

  test('float32 tensors hold powers that would overflow', async () => {
    const values = [-1e30, 1e30, 3, 4, 5, -2e29, 7e29]
    const scaler = await new PowerScaler().fit(column(values))
    expectClose(scaler.transform(tf.tensor2d(column(values))), scaler.transform(column(values)).flat())
  })

  test('values beyond the training data go on, up to Infinity; NaN stays', async () => {
    const scaler = await new PowerScaler().fit(skewed)
    const beyond = [
      [-5, 3, -30],
      [0, 0, 0],
      [500, -90, 30],
    ]
    const z = scaler.transform(beyond)
    for (const feature of [0, 1, 2]) {
      const sorted = [...z].sort((a, b) => beyond[z.indexOf(a)]![feature]! - beyond[z.indexOf(b)]![feature]!)
      expect(sorted[0]![feature]).toBeLessThan(sorted[1]![feature]!)
      expect(sorted[1]![feature]).toBeLessThan(sorted[2]![feature]!)
    }
    expectClose(scaler.inverseTransform(z).flat(), beyond.flat(), { absolute: 1e-9, relative: 1e-9 })
    expectClose(scaler.transform(tf.tensor2d(beyond)), z.flat(), { absolute: 1e-4, relative: 1e-4 })
    const strange = [[Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]]
    expect(scaler.transform(strange)[0]!.map(Number.isNaN)).toEqual([true, false, false])
    expect([...scaler.transform(tf.tensor2d(strange)).dataSync()].map(Number.isNaN)).toEqual([
      true,
      false,
      false,
    ])
  })

  test('what a bounded power does not reach comes back as Infinity', async () => {
    const scaler = await new PowerScaler({ standardize: false }).fit(
      column(Array.from({ length: 50 }, (_, i) => 1 / (1 - i / 51) ** 2)),
    )
    expect(scaler.lambda[0]).toBeLessThan(-0.1)
    const beyond = -1.1 / scaler.lambda[0]!
    expect(scaler.inverseTransform([[beyond]])).toEqual([[Number.POSITIVE_INFINITY]])
    expect([...scaler.inverseTransform(tf.tensor2d([[beyond]])).dataSync()]).toEqual([
      Number.POSITIVE_INFINITY,
    ])
  })

  test.each([true, false])('has the slopes of its function (standardize: %s)', async (standardize) => {
    const scaler = await new PowerScaler({ standardize }).fit(skewed)
    const points = [
      [2.3, -3, 1.5],
      [40, -12, -2.5],
      [-0.5, 0.5, 0],
    ]
    const x = tf.tensor2d(points)
    const slopes = tf
      .grad((y: tf.Tensor) => scaler.transform(y))(x)
      .arraySync() as number[][]
    const back = tf
      .grad((y: tf.Tensor) => scaler.inverseTransform(y))(scaler.transform(x))
      .arraySync() as number[][]
    for (const [row, point] of points.entries()) {
      for (const feature of [0, 1, 2]) {
        const moved = (by: number) =>
          scaler.transform([point.map((value, index) => value + (index === feature ? by : 0))])[0]![feature]!
        const expected = (moved(1e-5) - moved(-1e-5)) / 2e-5
        expectClose([slopes[row]![feature]!], [expected], { absolute: 0, relative: 1e-4 })
        expectClose([back[row]![feature]!], [1 / expected], { absolute: 0, relative: 1e-3 })
      }
    }
  })

  test('tensors and gradients leave nothing behind', async () => {
    const scaler = await new PowerScaler().fit(skewed)
    const x = tf.tensor3d([[[1, -2, 0.5]]])
    await expectNoTensorLeak(() => tf.tidy(() => scaler.inverseTransform(scaler.transform(x))))
    await expectNoTensorLeak(() => tf.grad((y: tf.Tensor) => scaler.transform(y))(x))
  })

  test.each([2.5, -2.5, 0, 1e9, -1e308])('a constant feature of %d is only centred', async (value) => {
    for (const standardize of [true, false]) {
      const scaler = await new PowerScaler({ standardize }).fit(column([value, value, value]))
      expect([scaler.lambda, scaler.constantFeatures]).toEqual([[1], ['0']])
      expect(scaler.transform([[value]])[0]![0]).toBe(standardize ? 0 : value)
      expect(scaler.inverseTransform(scaler.transform([[value]]))).toEqual([[value]])
      if (Math.abs(value) > 1e300) continue
      expectClose(scaler.transform([[value + 3]])[0]!, [standardize ? 3 : value + 3], {
        absolute: 1e-6,
        relative: 1e-12,
      })
    }
  })

  test('the largest float64 comes back', async () => {
    const values = [Number.MAX_VALUE, Number.MAX_VALUE / 2, 1]
    const scaler = await new PowerScaler().fit(column(values))
    const back = scaler.inverseTransform(scaler.transform(column(values))).flat()
    expectClose(back, values, { absolute: 0, relative: 1e-12 })
  })

  test('parts that are merged, in any order, give the powers of all the data', async () => {
    const [a, b] = [
      await new PowerScaler().fit(skewed.slice(0, 100)),
      await new PowerScaler().fit(skewed.slice(100)),
    ]
    const whole = await new PowerScaler().fit(skewed)
    for (const merged of [a.merge(b), b.merge(a)]) {
      expect(merged.lambda).toEqual(whole.lambda)
      expect(merged.transform(skewed)).toEqual(whole.transform(skewed))
    }
  })

  test('beyond the bins of the sketch it is near', async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => [Math.exp(2 * Math.sin(i * 12.9898))])
    const exact = await new PowerScaler({ sketchSize: 20_000 }).fit(values)
    const coarse = await new PowerScaler().fit(values)
    expectClose(coarse.lambda, exact.lambda, { absolute: 1e-3, relative: 0 })
    expectClose(coarse.transform(values).flat(), exact.transform(values).flat(), {
      absolute: 1e-3,
      relative: 0,
    })
  })

  test('a weight of 2 is the row twice, and the scale of weights does not count', async () => {
    const rows = skewed.slice(0, 40)
    const weights = rows.map((_, i) => (i % 3 === 0 ? 2 : 1))
    const repeated = await new PowerScaler().fit(
      rows.flatMap((row, i) => Array.from({ length: weights[i]! }, () => row)),
    )
    for (const scale of [1, 0.001]) {
      const weighted = await new PowerScaler().fit(rows, { weights: weights.map((weight) => weight * scale) })
      expectClose(weighted.lambda, repeated.lambda, { absolute: 1e-6, relative: 1e-6 })
      expectClose(weighted.transform(rows).flat(), repeated.transform(rows).flat(), {
        absolute: 1e-5,
        relative: 1e-5,
      })
    }
  })

  test('refuses what it cannot do, in words', async () => {
    expect(() => new PowerScaler({ standardize: 1 as never })).toThrow(
      'PowerScaler: expected standardize to be true or false, got 1. Leave it out for true.',
    )
    expect(() => new PowerScaler({ sketchSize: 0 })).toThrow(
      'PowerScaler: expected a sketch to fit powers to, got sketchSize=0. Try 1024.',
    )
    const large = column([1e308, 1.1e308, 1.5e308, 1.79e308, 2e307])
    const fit = new PowerScaler({ standardize: false, features: ['mass'] }).fit(large)
    await expect(fit).rejects.toThrow(
      /^PowerScaler: expected training values whose powers fit into float64, got 2e\+307 to 1\.79e\+308 with lambda=1\.\d+ \(feature mass\)\. Leave out standardize: false, or change the unit\.$/,
    )
    const scaler = await new PowerScaler().fit(column([1e300, 2e300, 4e300]))
    expect(() => scaler.transform(tf.tensor2d([[1]]))).toThrow(
      /^PowerScaler\.transform: expected powers of values that float32 can hold for tensors, got lambda=.* for 1e\+300 to 4e\+300 \(feature 0\)\. Pass rows or a Float64Array, or change the unit\.$/,
    )
  })
})
