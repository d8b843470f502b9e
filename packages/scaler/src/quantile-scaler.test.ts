import { expectClose, expectNoTensorLeak } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import fixture from '../fixtures/distribution-scalers.json' with { type: 'json' }
import { normalQuantile, normalShare } from './normal-distribution.js'
import { QuantileScaler, type QuantileScalerArgs } from './quantile-scaler.js'

const toNumbers = (list: (number | null)[]) => list.map((value) => value ?? Number.NaN)
const column = (values: readonly number[]) => values.map((value) => [value])

describe('the normal distribution', () => {
  test.each(fixture.normal.shares)('the quantile of %d is that of SciPy', (share, expected) => {
    expectClose([normalQuantile(share!)], [expected!], { absolute: 1e-16, relative: 1e-14 })
  })
  test.each(fixture.normal.values)('the share below %d is that of SciPy', (value, expected) => {
    expectClose([normalShare(value!)], [expected!], { absolute: 2e-16, relative: 0 })
  })
})

describe.each(fixture.quantile)('$name', ({ data, held, back, results }) => {
  const train = toNumbers(data)
  const values = toNumbers(held)
  test.each(results)('like scikit-learn: $output, $numQuantiles quantiles', async (expected) => {
    const output = expected.output as 'uniform' | 'normal'
    const scaler = new QuantileScaler({ output, numQuantiles: expected.numQuantiles })
    await scaler.partialFit(column(train.slice(0, 3)))
    if (train.length > 3) await scaler.partialFit(column(train.slice(3)))
    const transformed = scaler.transform(column(values)).flat()
    expectClose(transformed, toNumbers(expected.transformed), { absolute: 1e-10, relative: 1e-10 })
    const range = scaler.maximum[0]! - scaler.minimum[0]!
    expectClose(scaler.inverseTransform(column(back[output])).flat(), toNumbers(expected.inverse), {
      absolute: 1e-12 * range,
      relative: 1e-12,
    })
    if (range > 1e30 || (range > 0 && range < 1e-5 * Math.abs(scaler.mean[0]!))) return
    const tensor = scaler.transform(tf.tensor2d(column(values)))
    // Near the ends of the normal distribution a share that differs by one float32 is another value.
    expectClose(tensor, transformed, { absolute: 2e-5, relative: 2e-5 })
    expectClose(scaler.inverseTransform(tf.tensor2d(column(back[output]))), toNumbers(expected.inverse), {
      absolute: 2e-3 * range,
      relative: 1e-5,
    })
  })
})

const skewed = Array.from({ length: 500 }, (_, i) => [
  Math.exp(((i * 193) % 500) / 70),
  1 - ((i * 37) % 500) ** 2,
])

describe('QuantileScaler', () => {
  test('gives training data a uniform or normal distribution', async () => {
    const uniform = (await new QuantileScaler().fit(skewed)).transform(skewed)
    const normal = (await new QuantileScaler({ output: 'normal' }).fit(skewed)).transform(skewed)
    for (const feature of [0, 1]) {
      const shares = uniform.map((row) => row[feature]!).sort((a, b) => a - b)
      for (const [rank, share] of shares.entries()) expect(Math.abs(share - rank / 499)).toBeLessThan(1e-12)
      const inner = normal.map((row) => row[feature]!).filter((value) => Math.abs(value) < 5)
      expect(inner).toHaveLength(498)
      expect(inner.reduce((sum, value) => sum + value, 0) / 498).toBeCloseTo(0, 10)
      expect(Math.sqrt(inner.reduce((sum, value) => sum + value ** 2, 0) / 498)).toBeCloseTo(1, 1)
    }
  })

  test('keeps the order of all values, and clips what is beyond the training data', async () => {
    const scaler = await new QuantileScaler({ numQuantiles: 20 }).fit(skewed)
    const rising = Array.from({ length: 300 }, (_, i) => [i * 5 - 100, i * 1000 - 280_000])
    const shares = scaler.transform(rising)
    for (let row = 1; row < rising.length; row++) {
      for (const feature of [0, 1]) {
        expect(shares[row]![feature]).toBeGreaterThanOrEqual(shares[row - 1]![feature]!)
      }
    }
    const beyond = [
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      [-1, 2],
      [1e300, Number.NaN],
    ]
    expect(scaler.transform(beyond)).toEqual([
      [0, 1],
      [0, 1],
      [1, Number.NaN],
    ])
    const tensor = scaler.transform(
      tf.tensor2d([
        [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
        [3e38, Number.NaN],
      ]),
    )
    expect([...tensor.dataSync()]).toEqual([0, 1, 1, Number.NaN])
    expect(
      scaler.inverseTransform([
        [-1, 2],
        [0, 1],
        [Number.NaN, 0],
      ]),
    ).toEqual([
      [scaler.minimum[0], scaler.maximum[1]],
      [scaler.minimum[0], scaler.maximum[1]],
      [Number.NaN, scaler.minimum[1]],
    ])
  })

  test.each(['uniform', 'normal'] as const)('comes back, in float64 and float32: %s', async (output) => {
    const scaler = await new QuantileScaler({ output }).fit(skewed)
    const span = [0, 1].map((feature) => scaler.maximum[feature]! - scaler.minimum[feature]!)
    const there = scaler.transform(skewed)
    expectClose(scaler.inverseTransform(there).flat(), skewed.flat(), {
      absolute: 1e-9 * Math.max(...span),
      relative: 1e-9,
    })
    const x = tf.tensor2d(skewed)
    const back = scaler.inverseTransform(scaler.transform(x)).arraySync() as number[][]
    for (const [row, values] of skewed.entries()) {
      for (const feature of [0, 1]) {
        expect(Math.abs(back[row]![feature]! - values[feature]!)).toBeLessThan(2e-4 * span[feature]!)
      }
    }
  })

  test.each<QuantileScalerArgs>([{ output: 'uniform' }, { output: 'normal' }])(
    'has the slopes of its pieces: %j',
    async (args) => {
      const scaler = await new QuantileScaler({ ...args, numQuantiles: 7 }).fit(skewed)
      const points = [
        [2.3, -3e4],
        [50, -1e5],
        [600, -1.7e5],
      ]
      const x = tf.tensor2d(points)
      const slopes = tf
        .grad((y: tf.Tensor) => scaler.transform(y))(x)
        .arraySync() as number[][]
      const back = tf
        .grad((y: tf.Tensor) => scaler.inverseTransform(y))(scaler.transform(x))
        .arraySync() as number[][]
      for (const [row, point] of points.entries()) {
        for (const feature of [0, 1]) {
          const step = 1e-5 * Math.abs(point[feature]!)
          const moved = (by: number) =>
            scaler.transform([point.map((value, index) => value + (index === feature ? by : 0))])[0]![
              feature
            ]!
          const expected = (moved(step) - moved(-step)) / (2 * step)
          expectClose([slopes[row]![feature]!], [expected], { absolute: 0, relative: 1e-3 })
          expectClose([back[row]![feature]!], [1 / expected], { absolute: 0, relative: 1e-3 })
        }
      }
      const outside = tf.grad((y: tf.Tensor) => scaler.transform(y))(
        tf.tensor2d([
          [-5, 10],
          [1e9, -1e9],
        ]),
      )
      expect([...outside.dataSync()]).toEqual([0, 0, 0, 0])
    },
  )

  test('tensors leave nothing behind', async () => {
    for (const output of ['uniform', 'normal'] as const) {
      const scaler = await new QuantileScaler({ output }).fit(skewed)
      const x = tf.tensor3d([
        [
          [1, 2],
          [3, 4],
        ],
      ])
      await expectNoTensorLeak(() => tf.grad((y: tf.Tensor) => scaler.transform(y))(x))
      await expectNoTensorLeak(() => tf.tidy(() => scaler.inverseTransform(scaler.transform(x))))
    }
  })

  test('a constant feature is named, and becomes its smallest share', async () => {
    const scaler = await new QuantileScaler().fit([
      [1, 5],
      [2, 5],
      [4, 5],
    ])
    expect(scaler.constantFeatures).toEqual(['1'])
    expect(
      scaler.transform([
        [4, 5],
        [4, 6],
        [4, 4],
      ]),
    ).toEqual([
      [1, 0],
      [1, 1],
      [1, 0],
    ])
    expect([
      ...scaler
        .transform(
          tf.tensor2d([
            [4, 5],
            [4, 6],
            [4, 4],
          ]),
        )
        .dataSync(),
    ]).toEqual([1, 0, 1, 1, 1, 0])
    expect(scaler.inverseTransform([[0, 0.7]])).toEqual([[1, 5]])
  })

  test('beyond the bins of the sketch it is off by a bin at most', async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => [Math.exp(4 * Math.sin(i * 12.9898))])
    const exact = await new QuantileScaler({ sketchSize: 20_000 }).fit(values)
    const coarse = await new QuantileScaler().fit(values)
    expectClose(coarse.transform(values).flat(), exact.transform(values).flat(), {
      absolute: 0.01,
      relative: 0,
    })
  })

  test('a weight of 2 is the row twice', async () => {
    const rows = skewed.slice(0, 40)
    const weights = rows.map((_, i) => (i % 3 === 0 ? 2 : 1))
    const weighted = await new QuantileScaler({ numQuantiles: 10 }).fit(rows, { weights })
    const repeated = await new QuantileScaler({ numQuantiles: 10 }).fit(
      rows.flatMap((row, i) => Array.from({ length: weights[i]! }, () => row)),
    )
    expectClose(weighted.transform(rows).flat(), repeated.transform(rows).flat(), { absolute: 1e-12 })
  })

  test.each<[QuantileScalerArgs, string]>([
    [
      { output: 'gauss' as 'normal' },
      "QuantileScaler: expected output to be 'uniform' or 'normal', got \"gauss\". Use 'uniform' for values in [0, 1].",
    ],
    [{ numQuantiles: 1 }, 'QuantileScaler: expected numQuantiles to be an integer from 2, got 1. Try 1000.'],
    [
      { sketchSize: 0 },
      'QuantileScaler: expected a sketch to take quantiles from, got sketchSize=0. Try 1024.',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => new QuantileScaler(args)).toThrow(expect.objectContaining({ message }))
  })

  test('refuses tensors of what float32 cannot hold', async () => {
    const scaler = await new QuantileScaler({ features: ['mass'] }).fit([[1], [1e300]])
    expect(() => scaler.transform(tf.tensor2d([[1]]))).toThrow(
      'QuantileScaler.transform: expected training values that float32 can hold for tensors, got 1 to 1e+300 ' +
        '(feature mass). Pass rows or a Float64Array, or change the unit.',
    )
  })
})
