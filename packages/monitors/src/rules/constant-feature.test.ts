import { expect, test } from 'vitest'
import { batch, findings, names, repeat, summary } from '../../tests/readings.js'
import type { BatchReading } from '../reading.js'

const inputs =
  (more: Partial<BatchReading> = {}) =>
  (index: number) => ({
    inputs: batch({
      batch: 16,
      columnMean: [0.1 * (index % 3), 0.7, -0.2 + 0.1 * (index % 2), 0],
      columnVariance: [1, 1e-13, 1, 1],
      ...more,
    }),
  })

test('a column that never varies is named, once', () => {
  const found = findings(repeat(12, inputs()))
  expect(names(found)).toEqual([['constant-feature', 70]])
  expect(found[0]!.message).toBe(
    'Constant features: column 1 of 4 has one value (0.7) in all 128 samples looked at.',
  )
})

test('a column that is constant in each batch, or in most of them, is not', () => {
  const rules = (readings: Parameters<typeof findings>[0]) => findings(readings).map(({ rule }) => rule)
  const perBatch = (index: number) => inputs({ columnMean: [0, 0.7 + index, 0, 0] })(index)
  expect(rules(repeat(12, perBatch))).not.toContain('constant-feature')
  const once = (index: number) => inputs({ columnVariance: [1, index === 5 ? 0.2 : 0, 1, 1] })(index)
  expect(rules(repeat(12, once))).toEqual([])
  expect(rules(repeat(7, inputs()))).toEqual([])
})

test('the background of pictures and the absent words of texts are no features', () => {
  const corners = inputs({
    columnMean: [-1, -1, 0.2, 0.3],
    columnVariance: [0, 0, 1, 1],
    summary: summary({ min: -1 }),
  })
  expect(findings(repeat(12, corners))).toEqual([])
  const words = inputs({
    columnMean: [0, 0.2, 0.2, 0.3],
    columnVariance: [0, 1, 1, 1],
    summary: summary({ min: 0, zeros: 0.8 }),
  })
  expect(findings(repeat(12, words))).toEqual([])
  // A single column at the lowest value is a feature.
  const lowest = inputs({
    columnMean: [-1, 0, 0.2, 0.3],
    columnVariance: [0, 1, 1, 1],
    summary: summary({ min: -1 }),
  })
  expect(names(findings(repeat(12, lowest)))).toEqual([['constant-feature', 70]])
})
