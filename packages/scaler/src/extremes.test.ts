import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { ImageScaler } from './image-scaler.js'
import { type Scaler, StandardScaler, scalerFromJSON } from './index.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { RobustScaler } from './robust-scaler.js'

const column = (values: number[]) => values.map((value) => [value])

describe('a small spread beside a large mean', () => {
  test('times in milliseconds are no constant: 1.7e12 + i mod 200 over a million rows', async () => {
    const values = Float64Array.from({ length: 1e6 }, (_, i) => 1.7e12 + (i % 200))
    for (const make of [() => new StandardScaler(), () => new RobustScaler(), () => new MinMaxScaler()]) {
      const scaler = await make().fit({ data: values, shape: [1e6, 1] })
      expect(scaler.constantFeatures).toEqual([])
      expect(scaler.mean).toEqual([1.7e12 + 99.5])
      // Of 0 … 199: √((200² − 1) / 12).
      expectClose(scaler.std, [Math.sqrt(39_999 / 12)], { absolute: 0, relative: 1e-14 })
      expect(scaler.transform(column([1.7e12 + 199]))[0]![0]).toBeGreaterThan(0.9)
    }
    const scaler = await new StandardScaler().fit({ data: values, shape: [1e6, 1] })
    expectClose(scaler.transform(column([1.7e12]))[0]!, [-99.5 / Math.sqrt(39_999 / 12)], {
      absolute: 0,
      relative: 1e-12,
    })
    const same = await scaler.compare({ data: values.subarray(0, 2000), shape: [2000, 1] })
    expect([same.drifted, same.worst.ks < 0.01]).toEqual([false, true])
    const moved = (await scaler.compare(column([1.7e12 + 500, 1.7e12 + 501]))).features[0]!
    expectClose([moved.wasserstein], [(500.5 - 99.5) / Math.sqrt(39_999 / 12)], {
      absolute: 0,
      relative: 1e-9,
    })
  })

  // 17 steps of the float64 at 1e9 apart: the middle is none.
  const [low, high] = [1e9, 1e9 + 2e-6]
  const half = (high - low) / 2

  test('MinMaxScaler maps [1e9, 1e9 + 2e-6] to its range', async () => {
    for (const range of [
      [-1, 1],
      [0, 1],
      [-3, 255],
    ] as const) {
      const scaler = await new MinMaxScaler({ range }).fit(column([low, high]))
      const ends = scaler.transform(column([low, high])).flat()
      expectClose(ends, range, { absolute: 1e-14, relative: 1e-14 })
      expect(scaler.inverseTransform(column(ends)).flat()).toEqual([low, high])
    }
  })

  test('the others keep their digits there, and back', async () => {
    const scalers: [Scaler, number[]][] = [
      [new StandardScaler(), [-1, 1]],
      [new RobustScaler({ quantileRange: [0, 1] }), [-0.5, 0.5]],
      [new ImageScaler({ pixelRange: [low, high] }), [-1, 1]],
      [new ImageScaler({ pixelRange: [low, high], output: 'standard' }), [-1, 1]],
    ]
    for (const [scaler, expected] of scalers) {
      await scaler.fit([[[low]], [[high]]])
      const scaled = scaler.transform([[[low]], [[high]]])
      expectClose(scaled.flat(2), expected, { absolute: 1e-12, relative: 1e-12 })
      expect(scaler.inverseTransform(scaled)).toEqual([[[low]], [[high]]])
      expectClose(scaler.std, [half], { absolute: 0, relative: 1e-12 })
    }
  })
})

describe('values near the largest float64', () => {
  test.each([
    ['StandardScaler', () => new StandardScaler(), [0, 0]],
    ['MinMaxScaler', () => new MinMaxScaler(), [-1, -1]],
    ['RobustScaler', () => new RobustScaler(), [0, 0]],
    ['ImageScaler', () => new ImageScaler({ pixelRange: [0, 1e308] }), [1, 1]],
    ['ImageScaler to mean 0', () => new ImageScaler({ pixelRange: [0, 1e308], output: 'standard' }), [0, 0]],
  ] as const)('%s takes a column of 1e308 and saves it', async (_, make, expected) => {
    const rows = column([1e308, 1e308, 1e308])
    const scaler = await make().partialFit(rows.slice(0, 1))
    await scaler.partialFit(rows.slice(1))
    expect([scaler.mean, scaler.std, scaler.quantile(0.5)]).toEqual([[1e308], [0], [1e308]])
    const loaded = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
    for (const each of [scaler, loaded]) {
      expectClose(each.transform(rows.slice(1)).flat(), expected)
      expect((await each.compare(rows)).worst).toEqual({ ks: 0, psi: 0, wasserstein: 0, outsideRange: 0 })
    }
  })

  test('mean and deviation are right where sums and squares overflow, in any batches', async () => {
    const values = [1e308, 1.2e308, 1.4e308, -1e300, 7]
    const unit = 1e300
    const inUnits = await new StandardScaler().fit(column(values.map((value) => value / unit)))
    const whole = await new StandardScaler().fit(column(values))
    const parts = await new StandardScaler().partialFit(column([7]))
    await parts.partialFit(column(values.slice(2, 4)))
    await parts.partialFit(column(values.slice(0, 2)))
    const loaded = scalerFromJSON(JSON.parse(JSON.stringify(whole)))
    for (const scaler of [
      whole,
      parts,
      loaded,
      parts.merge(await new StandardScaler().fit(column(values))),
    ]) {
      const relative = { absolute: 0, relative: 1e-14 }
      expectClose(
        scaler.mean.map((mean) => mean / unit),
        inUnits.mean,
        relative,
      )
      expectClose(
        scaler.std.map((std) => std / unit),
        inUnits.std,
        relative,
      )
    }
    expectClose(
      whole.transform(column(values)).flat(),
      inUnits.transform(column(values.map((v) => v / unit))).flat(),
    )
    expectClose(whole.inverseTransform(whole.transform(column([1.4e308])))[0]!, [1.4e308])
  })

  test('distances that overflow are half as far twice, or refused', async () => {
    const opposite = column([-1.5e308, 1.5e308])
    const standard = await new StandardScaler().fit(opposite)
    expect(standard.std).toEqual([1.5e308])
    const cauchy = await new StandardScaler().fit(column([-1.7e308, -1.7e308, -1.7e308, 1.7e308]))
    expectClose(cauchy.transform(column([1.7e308]))[0]!, [Math.sqrt(3)])
    expectClose(cauchy.inverseTransform(column([Math.sqrt(3)]))[0]!, [1.7e308], {
      absolute: 0,
      relative: 1e-15,
    })
    await expect(new MinMaxScaler({ features: ['a'] }).fit(opposite)).rejects.toThrow(
      'MinMaxScaler: expected training values whose distance fits into float64, got -1.5e+308 to 1.5e+308 ' +
        '(feature a). Take the logarithm, or change the unit.',
    )
    await expect(new RobustScaler({ quantileRange: [0, 1] }).fit(opposite)).rejects.toThrow(
      /^RobustScaler: expected training values whose distance fits into float64/,
    )
    const [feature] = (await standard.compare(column([-1.6e308, 1.6e308]))).features
    expectClose([feature!.wasserstein, feature!.outsideRange], [1 / 15, 1])
    expect(feature!.histogram.edges.at(-1)).toBe(1.6e308)
  })

  test('tensors, which are float32, are refused', async () => {
    const scaler = await new StandardScaler({ features: ['a'] }).fit(column([1e308, 1.1e308]))
    expect(() => scaler.transform(tf.tensor2d([[1]]))).toThrow(
      /^StandardScaler\.transform: expected a center and a scale that float32 can hold for tensors, got 1\.05e\+308 and \S+ \(feature a\)\. Pass rows or a Float64Array, or change the unit\.$/,
    )
  })
})
