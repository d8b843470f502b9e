import { expectClose } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImageScaler } from './image-scaler.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { PowerScaler } from './power-scaler.js'
import { QuantileScaler } from './quantile-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import type { Scaler } from './scaler.js'
import { scalerFromJSON } from './scaler-from-json.js'
import { StandardScaler } from './standard-scaler.js'

const settings = { seed: 11, numRuns: 60 }

/** Rows of 1 to 4 features with some values missing, but the first row whole. */
const tables = fc.integer({ min: 1, max: 4 }).chain((width) => {
  const present = fc.double({ min: -1000, max: 1000, noNaN: true })
  const value = fc.oneof({ arbitrary: present, weight: 9 }, { arbitrary: fc.constant(Number.NaN), weight: 1 })
  const row = (cell: fc.Arbitrary<number>) => fc.array(cell, { minLength: width, maxLength: width })
  return fc
    .tuple(row(present), fc.array(row(value), { minLength: 2, maxLength: 12 }))
    .map(([first, rest]) => [first, ...rest])
})
const threeTables = fc.integer({ min: 1, max: 3 }).chain((width) => {
  const row = fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), {
    minLength: width,
    maxLength: width,
  })
  const rows = fc.array(row, { minLength: 1, maxLength: 9 })
  return fc.tuple(rows, rows, rows)
})

const scalers: [string, () => Scaler][] = [
  ['StandardScaler per feature', () => new StandardScaler()],
  ['StandardScaler over all', () => new StandardScaler({ axis: 'all' })],
  ['MinMaxScaler per feature', () => new MinMaxScaler()],
  ['MinMaxScaler over all', () => new MinMaxScaler({ axis: 'all', range: [0, 255] })],
  ['RobustScaler per feature', () => new RobustScaler()],
  ['PowerScaler', () => new PowerScaler()],
  ['PowerScaler, not standardized, over all', () => new PowerScaler({ axis: 'all', standardize: false })],
  ['QuantileScaler', () => new QuantileScaler()],
  [
    'QuantileScaler to normal over all',
    () => new QuantileScaler({ axis: 'all', output: 'normal', numQuantiles: 50 }),
  ],
  ['ImageScaler to [-1, 1]', () => new ImageScaler({ pixelRange: [-1000, 1000] })],
  ['ImageScaler to mean 0', () => new ImageScaler({ output: 'standard', pixelRange: [-1000, 1000] })],
]

/** Shares of a distribution have float32 between 0 and 1 only, and its density is small where values are rare. */
const float32Error = ({ kind }: Scaler) => (kind === 'quantile' ? 1e-4 : kind === 'power' ? 1e-5 : 1e-6)

/** Powers of skewed features are so flat that neighbours in float32 stand for distant values. */
const flattens = ({ kind }: Scaler) => kind === 'power'

const largest = (rows: number[][], atLeast: number) =>
  rows.flat().reduce((most, value) => Math.max(most, Math.abs(value) || 0), atLeast)

/** Everything a scaler knows, as numbers: differences in the last digits are allowed, other ones are not. */
function numbersOf(scaler: Scaler): number[] {
  return [scaler.mean, scaler.std, scaler.minimum, scaler.maximum, scaler.quantile(0.3), scaler.rows].flat()
}

function expectSame(actual: Scaler, expected: Scaler): void {
  expectClose(numbersOf(actual), numbersOf(expected), { absolute: 1e-25, relative: 1e-12 })
}

describe.each(scalers)('%s', (_, make) => {
  test('inverseTransform undoes transform in float64', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const scaler = await make().fit(rows)
        const scaled = scaler.transform(rows)
        const back = scaler.inverseTransform(scaled)
        const [actual, expected] = flattens(scaler) ? [scaler.transform(back), scaled] : [back, rows]
        expectClose(actual.flat(), expected.flat(), { absolute: 1e-12 * largest(expected, 1), relative: 0 })
      }),
      settings,
    )
  })

  test('inverseTransform undoes transform in float32 tensors', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const scaler = await make().fit(rows)
        const x = tf.tensor2d(rows)
        const scaled = scaler.transform(x)
        const back = scaler.inverseTransform(scaled)
        const [actual, expected] = flattens(scaler) ? [scaler.transform(back), scaled] : [back, x]
        expectClose(actual, expected.dataSync(), {
          absolute: float32Error(scaler) * largest(expected.arraySync(), 1e-30),
          relative: 0,
        })
      }),
      settings,
    )
  })

  test('merge is associative and commutative, and gives the scaler of all the data', async () => {
    await fc.assert(
      fc.asyncProperty(threeTables, async (parts) => {
        const [a, b, c] = await Promise.all(parts.map((part) => make().fit(part)))
        const whole = await make().fit(parts.flat())
        expectSame(a!.merge(b!).merge(c!), whole)
        expectSame(a!.merge(b!.merge(c!)), whole)
        expectSame(c!.merge(a!).merge(b!), whole)
      }),
      settings,
    )
  })

  test('the statistics do not depend on the order of the rows or on the batches', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.nat(12), async (rows, cut) => {
        const whole = await make().fit(rows)
        expectSame(await make().fit(rows.toReversed()), whole)
        const parts = make()
        await parts.partialFit(rows.slice(cut % rows.length))
        await parts.partialFit(rows.slice(0, cut % rows.length))
        expectSame(parts, whole)
      }),
      settings,
    )
  })

  test('a scaler from its JSON text gives bit-equal results', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const scaler = await make().fit(rows)
        const loaded = scalerFromJSON(JSON.parse(JSON.stringify(scaler)))
        expect(JSON.stringify(loaded)).toEqual(JSON.stringify(scaler))
        expect(loaded.transform(rows)).toEqual(scaler.transform(rows))
      }),
      settings,
    )
  })

  test('training data has no drift against itself', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const report = await (await make().fit(rows)).compare(rows)
        expect(report.drifted).toBe(false)
        expect(report.worst).toEqual({ ks: 0, psi: 0, wasserstein: 0, outsideRange: 0 })
      }),
      settings,
    )
  })
})

test('StandardScaler leaves training data with mean 0 and deviation 1', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (rows) => {
      const scaler = await new StandardScaler().fit(rows)
      fc.pre(scaler.std.every((std) => std > 1e-3))
      const scaled = await new StandardScaler().fit(scaler.transform(rows))
      expectClose(scaled.mean, Array(rows[0]!.length).fill(0), { absolute: 1e-9 })
      expectClose(scaled.std, Array(rows[0]!.length).fill(1), { absolute: 1e-9 })
    }),
    settings,
  )
})

test('RobustScaler leaves training data with median 0 and an interquartile range of 1', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (rows) => {
      const scaler = await new RobustScaler().fit(rows)
      fc.pre(scaler.constantFeatures.length === 0)
      const scaled = await new RobustScaler().fit(scaler.transform(rows))
      const widths = scaled.quantile(0.75).map((value, index) => value - scaled.quantile(0.25)[index]!)
      expectClose(scaled.quantile(0.5), Array(widths.length).fill(0), { absolute: 1e-9 })
      expectClose(widths, Array(widths.length).fill(1), { absolute: 1e-9 })
    }),
    settings,
  )
})

test('drift statistics keep their limits and do not change with the unit', async () => {
  await fc.assert(
    fc.asyncProperty(tables, tables, async (a, b) => {
      const column = (rows: number[][]) =>
        rows.map(([value]) => [value!]).filter(([value]) => !Number.isNaN(value))
      const moved = (rows: number[][]) => rows.map(([value]) => [value! * 8])
      const [train, live] = [column(a), column(b)]
      const scaler = await new StandardScaler().fit(train)
      fc.pre(scaler.std[0]! > 1e-3)
      const { ks, psi, wasserstein, outsideRange } = (await scaler.compare(live)).features[0]!
      for (const share of [ks.statistic, ks.pValue, outsideRange]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1 + 1e-12)
      }
      expect(psi.value).toBeGreaterThanOrEqual(0)
      const other = (await (await new StandardScaler().fit(moved(train))).compare(moved(live))).features[0]!
      expectClose([other.wasserstein, other.outsideRange], [wasserstein, outsideRange], {
        absolute: 1e-9,
        relative: 1e-9,
      })
    }),
    settings,
  )
})
