import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import { driftPicture } from './drift-picture.js'
import { driftSummary, driftTable } from './drift-table.js'
import { MinMaxScaler } from './min-max-scaler.js'
import { StandardScaler } from './standard-scaler.js'

/** 40 rows: `age` and `income` without pattern, `a|b <c>` with two values. */
const rows = (moved = 0) =>
  Array.from({ length: 40 }, (_, i) => ({
    age: 20 + ((i * 37) % 41),
    income: 1000 + ((i * 53) % 79) * 10 + moved,
    'a|b <c>': i % 2,
  }))
const scaler = await new StandardScaler().fit(rows())
const report = await scaler.compare(rows(300))

describe('a report', () => {
  test('says for each feature and for all whether it drifted', () => {
    expect(report.features.map(({ feature, drifted }) => [feature, drifted])).toEqual([
      ['age', false],
      ['income', true],
      ['a|b <c>', false],
    ])
    expect(report).toMatchObject({ drifted: false, driftedFeatures: ['income'], share: 1 / 3 })
    expect(report.worst).toEqual({
      ks: report.features[1]!.ks.statistic,
      psi: report.features[1]!.psi.value,
      wasserstein: report.features[1]!.wasserstein,
      outsideRange: report.features[1]!.outsideRange,
    })
    expect(report.features[1]!.wasserstein).toBeCloseTo(300 / scaler.std[1]!, 12)
  })

  test('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('has shares of all values in its histograms', () => {
    for (const { histogram } of report.features) {
      expect(histogram.edges).toHaveLength(histogram.train.length + 1)
      for (const shares of [histogram.train, histogram.live]) {
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      }
    }
    expect(report.features[2]!.histogram).toEqual({ edges: [0, 1, 1], train: [0.5, 0.5], live: [0.5, 0.5] })
  })

  test('uses other thresholds when told', async () => {
    const strict = await scaler.compare(rows(300), {
      thresholds: { rows: 10, wasserstein: 99, psi: [50, 500] },
    })
    expect(strict.driftedFeatures).toEqual([])
    expect(strict.features[1]).toMatchObject({ decidedBy: 'wasserstein', psi: { level: 'stable' } })
    expect((await scaler.compare(rows(300), { thresholds: { share: 0.3 } })).drifted).toBe(true)
  })

  test('names the furthest feature first', async () => {
    const both = await scaler.compare(rows(300).map((row) => ({ ...row, age: row.age + 1000 })))
    expect(both.driftedFeatures).toEqual(['age', 'income'])
    expect(both.drifted).toBe(true)
  })

  test('counts a feature without live values as drifted, and missing values for each', async () => {
    const gone = await scaler.compare(
      rows().map((row, i) => ({ ...row, age: Number.NaN, income: i < 10 ? Number.NaN : row.income })),
    )
    expect(gone.features[0]).toMatchObject({
      decidedBy: 'no live values',
      drifted: true,
      rows: { train: 40, live: 0 },
      missing: { train: 0, live: 1 },
    })
    const moved = await scaler.compare(rows(300).map((row) => ({ ...row, age: Number.NaN })))
    expect(moved.driftedFeatures).toEqual(['age', 'income'])
    expect(gone.features[1]!.missing).toEqual({ train: 0, live: 0.25 })
    expect(driftTable(gone)).toContain('no live values')
    expect(driftPicture(gone)).toContain('no live values')
  })
})

describe('live data', () => {
  test('is taken as a stream, tensors or another scaler, with the same result', async () => {
    async function* stream() {
      for (const row of rows(300)) yield [row]
    }
    expect(await scaler.compare(stream())).toEqual(report)
    const values = rows(300).map((row) => Object.values(row))
    const named = { features: ['age', 'income', 'a|b <c>'] }
    const float64 = await scaler.compare(values, named)
    expect(float64).toEqual(report)
    expect(await scaler.compare(tf.tensor2d(values), named)).toEqual(report)
    expect(await scaler.compare(await new MinMaxScaler().fit(rows(300)))).toEqual(report)
  })

  test('of another width, with other names or without values is refused', async () => {
    await expect(scaler.compare([[1, 2]])).rejects.toThrow(
      'StandardScaler.compare: expected 3 features in axis -1, got 2',
    )
    await expect(scaler.compare([{ age: 1 }])).rejects.toThrow('got data without income, a|b <c>')
    await expect(scaler.compare([[1, 2, 3]], { features: ['a', 'b', 'c'] })).rejects.toThrow(
      'expected the features age',
    )
    await expect(scaler.compare([])).rejects.toThrow(
      'StandardScaler.compare: expected at least one value, got none.',
    )
    const other = await new StandardScaler().fit([[1, 2, 3]])
    await expect(scaler.compare(other)).rejects.toThrow(
      'expected the features age, income, a|b <c>, got data',
    )
  })

  test('cannot be compared with a scaler that keeps no sketch', async () => {
    const bare = await new StandardScaler({ sketchSize: 0 }).fit([[1], [2]])
    await expect(bare.compare([[1]])).rejects.toThrow(
      'StandardScaler: expected a sketch of the training data for compare(), got sketchSize=0. Fit with sketchSize: 1024.',
    )
    expect(bare.toJSON().statistics[0]).not.toHaveProperty('sketch')
  })
})

test('a training value that varies by rounding only counts as constant', async () => {
  const rounding = await new StandardScaler().fit([[0.1], [0.1], [0.1 + 2 ** -56]])
  const [feature] = (await rounding.compare([[0.1 + 1e-9]])).features
  expect(feature!.wasserstein).toBeCloseTo(1e-6, 10)
})

test('a saved scaler gives the same report', async () => {
  const loaded = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)))
  expect(await loaded.compare(rows(300))).toEqual(report)
})

test('the table is Markdown with aligned columns and escaped bars', () => {
  const [summary, empty, ...lines] = driftTable(report).split('\n')
  expect(summary).toBe('No drift of the data as a whole. 1 of 3 features drifted (33 %): income.')
  expect(empty).toBe('')
  expect(lines).toHaveLength(5)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
  expect(lines[0]).toMatch(/^\| feature {2}\| drift \| decided by \| KS {4}\| p/)
  expect(lines[3]).toMatch(
    /^\| income {3}\| YES {3}\| ks {9}\| 0\.\d{3} \| (<0\.0001|0\.\d{4}) .*\| 40 → 40 +\|$/,
  )
  expect(lines[4]).toContain('a\\|b <c>')
})

test('the summary names nothing when nothing drifted', async () => {
  expect(driftSummary(await scaler.compare(rows()))).toBe(
    'No drift of the data as a whole. 0 of 3 features drifted (0 %).',
  )
})

describe('the picture', () => {
  test('has a panel for each feature and a bar for each share', () => {
    const picture = driftPicture(report, { columns: 2 })
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 560 416"/)
    expect(picture.match(/<g /g)).toHaveLength(3)
    const bars = report.features.reduce((sum, { histogram }) => sum + 2 * histogram.train.length, 0)
    expect(picture.match(/<rect /g)).toHaveLength(bars + 1)
    expect(picture).toContain('a|b &lt;c&gt;')
    expect(picture).toContain('income – drifted')
    expect(picture).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('refuses no columns', () => {
    expect(() => driftPicture(report, { columns: 0 })).toThrow(
      'driftPicture: expected columns to be an integer from 1, got 0. Try 3.',
    )
  })
})
