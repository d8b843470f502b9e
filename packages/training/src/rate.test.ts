import { expect, test } from 'vitest'
import { Rate } from './rate.js'

test('is unknown until time has passed', () => {
  const rate = new Rate()
  rate.observe(5, 1000)
  expect(rate.perSecond).toBe(0)
  expect(rate.secondsTo(10)).toBeUndefined()
})

test('counts what was done since the start of the window', () => {
  const rate = new Rate(10_000)
  rate.observe(0, 0)
  rate.observe(1, 60_000) // slow at first
  for (let second = 1; second <= 20; second++) rate.observe(1 + 4 * second, 60_000 + 1000 * second)
  expect(rate.perSecond).toBeCloseTo(4)
  expect(rate.secondsTo(81 + 40)).toBeCloseTo(10)
})
