import { expect, test } from 'vitest'
import { configSchema } from './config.js'
import { rateAt } from './rate.js'

const rates = (steps: number, schedule: 'constant' | 'one-cycle') => {
  const config = configSchema.parse({ steps, optimizer: { schedule } })
  return Array.from({ length: steps }, (_, i) => rateAt(config, i + 1))
}

test('a constant rate is the rate', () => {
  expect(new Set(rates(300, 'constant'))).toEqual(new Set([1]))
})

test('one cycle rises within a fifth of the steps, falls to nothing, and changes a hundred times at most', () => {
  const cycle = rates(1000, 'one-cycle')
  const top = cycle.indexOf(Math.max(...cycle))
  expect(cycle[top]).toBeCloseTo(1, 2)
  expect(Math.abs(top / 1000 - 0.2)).toBeLessThan(0.02)
  expect(cycle[0]).toBeCloseTo(1 / 25, 9)
  expect(cycle[999]).toBeLessThan(1e-3)
  expect(new Set(cycle).size).toBeLessThanOrEqual(100)
  expect(cycle.every((rate, i) => i <= top || rate <= cycle[i - 1]!)).toBe(true)
})

test.each([1, 2, 9, 11])('%i steps have rates', (steps) => {
  expect(rates(steps, 'one-cycle').every((rate) => rate > 0 && rate <= 1)).toBe(true)
})
