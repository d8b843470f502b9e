import { describe, expect, test } from 'vitest'
import { viewOf, windowWeight } from './windows.js'

describe('viewOf', () => {
  test.each([
    [620, 877],
    [512, 512],
    [300, 200],
  ])('shows a picture of %i × %i as a whole', (width, height) => {
    const view = viewOf(width, height, 64)
    expect(view.windows).toEqual([{ x: 0, y: 0, width: view.width, height: view.height }])
    expect(Math.max(view.width, view.height)).toBe(64)
    expect(Math.abs(view.width / view.height - width / height)).toBeLessThan(0.02)
  })

  test.each([
    [400, 6000],
    [3000, 1000],
    [1400, 880],
    [1, 1000],
    [20000, 7],
  ])('shows a picture of %i × %i in windows that overlap and cover it', (width, height) => {
    const view = viewOf(width, height, 64)
    const covered = new Float64Array(view.width * view.height)
    for (const window of view.windows) {
      expect(window.width <= 64 && window.height <= 64).toBe(true)
      for (let y = 0; y < window.height; y++) {
        for (let x = 0; x < window.width; x++) {
          const weight = windowWeight(x, window.width) * windowWeight(y, window.height)
          expect(weight).toBeGreaterThan(0)
          covered[(window.y + y) * view.width + window.x + x]! += weight
        }
      }
    }
    expect(covered.every((weight) => weight > 0)).toBe(true)
    expect(view.windows.length).toBeLessThanOrEqual(130)
  })

  test('gives the shorter side of a strip the size of the network, and keeps the aspect', () => {
    const { width, height, windows } = viewOf(400, 6000, 64)
    expect([width, height]).toEqual([64, 960])
    expect(windows).toHaveLength(29)
    expect(windows.slice(0, 2).map(({ y }) => y)).toEqual([0, 32])
  })
})
