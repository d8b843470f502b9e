import { describe, expect, test } from 'vitest'
import { ratePicture, ratePlot } from './rate-picture.js'
import { type RatePoint, rateSuggestions } from './rate-suggestions.js'

/** Flat until 1e-4, falling by 1 for each power of ten to 1e-1, then rising. */
const curve: RatePoint[] = Array.from({ length: 81 }, (_, index) => {
  const power = -7 + index / 10
  const loss = 5 - Math.max(0, Math.min(power, -1) + 4) + 4 * Math.max(0, power + 1) - 1e-6 * index
  return { rate: 10 ** power, loss }
})

test('the minimum is where the loss is lowest, and a tenth of it is suggested', () => {
  expect(rateSuggestions(curve)!.minimumOverTen).toBeCloseTo(0.01, 6)
})

test('the steepest rate lies where the loss falls', () => {
  const { steepest } = rateSuggestions(curve)!
  expect(steepest).toBeGreaterThan(1e-4)
  expect(steepest).toBeLessThan(0.1)
})

test('the valley is in the middle of the longest stretch of falling losses', () => {
  // The stretch is the points 0 to 60: 20 + 10 of the way.
  expect(rateSuggestions(curve)!.valley).toBeCloseTo(1e-4, 6)
})

describe('nothing is suggested', () => {
  test('where the loss rises only', () => {
    expect(rateSuggestions(curve.map(({ rate }, index) => ({ rate, loss: index })))).toBeUndefined()
  })

  test('from fewer than four points', () => {
    expect(rateSuggestions(curve.slice(0, 3))).toBeUndefined()
  })
})

test('the plot has axes, the curve and its valley', () => {
  const lines = ratePlot(curve, rateSuggestions(curve)).split('\n')
  expect(lines).toHaveLength(14)
  expect(lines.filter((line) => line.includes('v'))).toHaveLength(1)
  expect(lines[0]).toMatch(/^│ +•+$/)
  expect(lines.at(-1)).toMatch(/^ 1\.00e-7 +10$/)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(61)
})

test('the picture is white with a blue curve and a red line', () => {
  const { width, height, pixels } = ratePicture(curve, rateSuggestions(curve))
  expect(pixels).toHaveLength(4 * width * height)
  const colours = new Map<string, number>()
  for (let at = 0; at < pixels.length; at += 4) {
    const colour = pixels.slice(at, at + 4).join()
    colours.set(colour, (colours.get(colour) ?? 0) + 1)
  }
  expect([...colours.keys()].sort()).toEqual(['214,39,40,255', '255,255,255,255', '31,119,180,255'])
  expect(colours.get('214,39,40,255')).toBeGreaterThan(height / 2)
  expect(colours.get('31,119,180,255')).toBeGreaterThan(width)
})
