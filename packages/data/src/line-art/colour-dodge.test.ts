import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { colourDodge } from './colour-dodge.js'
import { xdog } from './xdog.js'

const { width, height } = reference
const picture = { width, height, data: Float32Array.from(reference.picture) }

describe('colourDodge', () => {
  it.each(reference.dodges)(
    'equals the formula over scipy.ndimage.gaussian_filter for $options',
    ({ options, values }) => {
      const { data } = colourDodge(picture, options)
      expect(values.some((value) => value < 0.9) && values.some((value) => value === 1)).toBe(true)
      values.forEach((value, index) => {
        expect(data[index]).toBeCloseTo(value, 5)
      })
    },
  )

  it('keeps the levels of an anti-aliased line in order, where a threshold leaves black and white', () => {
    const levels = [1, 1, 1, 1, 1, 0.7, 0.2, 0, 0.4, 0.9, 1, 1, 1, 1, 1]
    const line = { width: 15, height: 3, data: Float32Array.from([...levels, ...levels, ...levels]) }
    const row = [...colourDodge(line, { sigma: 1.5, strength: 2 }).data.subarray(15, 30)]
    const order = (values: number[]) => [5, 6, 7, 8, 9].sort((a, b) => values[a]! - values[b]! || a - b)
    expect(order(row)).toEqual(order(levels))
    expect(new Set(row.slice(5, 9)).size).toBe(4)
    expect(new Set(xdog(line).data)).toEqual(new Set([0, 1]))
  })

  it('draws nothing on a flat picture, light or dark', () => {
    for (const level of [0, 0.5, 1]) {
      const flat = { width: 6, height: 4, data: new Float32Array(24).fill(level) }
      for (const value of colourDodge(flat).data) expect(value).toBeCloseTo(1, 5)
    }
  })

  it('refuses a sigma that is not positive', () => {
    expect(() => colourDodge(picture, { sigma: 0 })).toThrow(
      new RangeError(
        'colourDodge: expected sigma above 0 and at most 100 and strength above 0, got sigma=0, strength=4. ' +
          'Choose e.g. sigma 2 and strength 4.',
      ),
    )
  })
})
