import { describe, expect, test } from 'vitest'
import { faults } from '../tests/faults.js'
import { healthy } from '../tests/healthy.js'

// The whole table is made by bench/monitor-faults.ts; here are those that take a second or so.
const quick = new Set(['MLP', 'linear model', 'autoencoder'])

describe('a fault is named within 200 steps:', () => {
  test.each(faults.filter(({ architecture }) => quick.has(architecture)))(
    '$name ($architecture)',
    async ({ expected, run }) => {
      const findings = await run()
      expect(findings.filter(({ step }) => step <= 200).map(({ rule }) => rule)).toSatisfy(
        (rules: string[]) => expected.some((rule) => rules.includes(rule)),
      )
      for (const { message, meaning, remedy } of findings) {
        expect(`${message} ${meaning} ${remedy}`).not.toMatch(/undefined|NaN %|\[object/)
        expect(remedy).toMatch(/^First /)
      }
    },
  )
})

describe('a healthy training is left alone:', () => {
  test.each(healthy.filter(({ architecture }) => quick.has(architecture)))(
    '$name ($architecture)',
    async ({ run }) => {
      const findings = await run()
      expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([])
    },
  )
})
