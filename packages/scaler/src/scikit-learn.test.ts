import { expectClose } from '@dlkit/testing'
import { describe, expect, test } from 'vitest'
import cases from '../fixtures/scikit-learn.json' with { type: 'json' }
import { MinMaxScaler } from './min-max-scaler.js'
import { RobustScaler } from './robust-scaler.js'
import type { Scaler } from './scaler.js'
import { StandardScaler } from './standard-scaler.js'

type Numbers = (number | null)[]

const relative = { absolute: 0, relative: 1e-9 }
const toNumbers = (list: Numbers) => list.map((value) => value ?? Number.NaN)
const rowsOf = (list: Numbers, width: number) => {
  const numbers = toNumbers(list)
  return Array.from({ length: numbers.length / width }, (_, row) =>
    numbers.slice(row * width, (row + 1) * width),
  )
}

/** Results are compared with 1e-9 of each value, and near 0 with 1e-9 of what the feature's values differ by. */
function expectTransformed(scaler: Scaler, held: number[][], expected: Numbers): void {
  const actual = scaler.transform(held).flat()
  const wanted = toNumbers(expected)
  expectClose(actual, wanted, { absolute: 1e-9, relative: 1e-9 })
  expectClose(scaler.inverseTransform(scaler.transform(held)).flat(), held.flat(), {
    absolute: 1e-9 * Math.max(...scaler.std, 1e-12),
    relative: 1e-9,
  })
}

test('there are 50 random and 10 nasty data sets', () => {
  expect(cases.filter(({ name }) => name.startsWith('random'))).toHaveLength(50)
  expect(cases).toHaveLength(60)
})

describe.each(cases)('$name', (expected) => {
  const [, width] = expected.shape as [number, number]
  const data = rowsOf(expected.data, width)
  const held = rowsOf(expected.heldOut, width)
  const weights = toNumbers(expected.weights)
  // A mean that is 0 because large values cancel keeps 28 digits below them.
  const cancelled = 1e-28 * data.flat().reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0)
  const cuts = [0, ...expected.cuts, data.length]
  const parts = cuts.slice(1).map((end, index) => [cuts[index]!, end] as const)

  async function inParts<T extends Scaler>(scaler: T, sampleWeights?: number[]): Promise<T> {
    for (const [start, end] of parts) {
      const args = sampleWeights ? { weights: sampleWeights.slice(start, end) } : {}
      await scaler.partialFit(data.slice(start, end), args)
    }
    return scaler
  }

  test('StandardScaler in batches has the statistics and results of scikit-learn', async () => {
    const scaler = await inParts(new StandardScaler())
    expectClose(scaler.mean, expected.exact.mean, { absolute: cancelled, relative: 1e-15 })
    expectClose(
      scaler.std.map((std) => std ** 2),
      expected.exact.variance,
      { absolute: 0, relative: 1e-15 },
    )
    expectTransformed(scaler, held, expected.standard.transformed)
  })

  test('StandardScaler with weights has the statistics and results of scikit-learn', async () => {
    const scaler = await inParts(new StandardScaler(), weights)
    expectClose(scaler.mean, expected.exactWeighted.mean, { absolute: cancelled, relative: 1e-15 })
    expectClose(
      scaler.std.map((std) => std ** 2),
      expected.exactWeighted.variance,
      { absolute: 0, relative: 1e-15 },
    )
    expectTransformed(scaler, held, expected.weighted.transformed)
  })

  test('MinMaxScaler in batches has the limits and results of scikit-learn', async () => {
    for (const [range, transformed] of Object.entries(expected.minMax)) {
      const scaler = await inParts(
        new MinMaxScaler({ range: range.split(',').map(Number) as [number, number] }),
      )
      expectClose(scaler.minimum, toNumbers(expected.minimum), relative)
      expectClose(scaler.maximum, toNumbers(expected.maximum), relative)
      expectTransformed(scaler, held, transformed)
    }
  })

  test('RobustScaler in batches has the quantiles and results of scikit-learn', async () => {
    for (const [range, transformed] of Object.entries(expected.robust)) {
      const quantileRange = range.split(',').map(Number) as [number, number]
      expectTransformed(await inParts(new RobustScaler({ quantileRange })), held, transformed)
    }
  })
})
