import { readFileSync } from 'node:fs'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { partOf } from './readme-part.js'
import {
  type CheckedPackage,
  checkedPackages,
  errorsPart,
  readmeOf,
  referenceTable,
} from './reference-table.js'

const cellsOf = (table: string) =>
  table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

beforeAll(async () => {
  await tf.setBackend('cpu')
})

describe.each(Object.keys(checkedPackages) as CheckedPackage[])('the table in the README of %s', (name) => {
  test('agrees with what the command measures', () => {
    const written = cellsOf(partOf(readFileSync(readmeOf(name), 'utf8'), errorsPart))
    const measured = cellsOf(referenceTable(name))
    const labels = (rows: string[][]) => rows.map(([layer, source]) => `${layer} ${source}`)
    expect(labels(written)).toEqual([
      labels(measured)[0],
      expect.stringMatching(/^-+ -+$/),
      ...labels(measured).slice(2),
    ])
    measured.slice(2).forEach((row, index) => {
      row.slice(2).forEach((cell, column) => {
        const other = written[index + 2]![column + 2]!
        // One digit is written; another version of the engine may round the last one differently.
        if (Number(cell) > 0) {
          expect(
            Number(other) / Number(cell),
            `${row[0]}: ${cell}, in the README ${other}`,
          ).toBeGreaterThanOrEqual(0.5)
          expect(
            Number(other) / Number(cell),
            `${row[0]}: ${cell}, in the README ${other}`,
          ).toBeLessThanOrEqual(2)
        } else expect(other).toBe(cell)
      })
    })
  })
})

test('the command refuses a README without a place for the table', () => {
  expect(() => partOf('# A package', errorsPart)).toThrow(/^partOf: expected a README with the lines/)
})
