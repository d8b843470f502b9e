import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { xdog } from './xdog.js'

const picture = {
  width: reference.width,
  height: reference.height,
  data: Float32Array.from(reference.picture),
}

describe('xdog', () => {
  it.each(reference.xdogs)(
    'equals the formula over scipy.ndimage blurs for $options',
    ({ options, values }) => {
      const lines = xdog(picture, options)
      expect(values.some((value) => value < 0.5) && values.some((value) => value === 1)).toBe(true)
      values.forEach((value, index) => {
        // At most phi times the rounding of single precision.
        expect(Math.abs(lines.data[index]! - value)).toBeLessThan(1e-4)
      })
    },
  )

  it('draws nothing on a flat picture, light or dark', () => {
    for (const level of [0, 0.5, 1]) {
      const flat = { width: 6, height: 4, data: new Float32Array(24).fill(level) }
      expect(new Set(xdog(flat).data)).toEqual(new Set([1]))
    }
  })

  it('draws the dark side of an edge', () => {
    const data = Float32Array.from({ length: 20 * 3 }, (_, index) => (index % 20 < 10 ? 0.2 : 0.9))
    const row = xdog({ width: 20, height: 3, data }, { sigma: 0.5 }).data.subarray(20, 40)
    expect([...row.subarray(0, 5)]).toEqual([1, 1, 1, 1, 1])
    expect(row[9]).toBe(0)
    expect([...row.subarray(10)]).toEqual(Array(10).fill(1))
  })

  it('refuses a sigma that is not positive', () => {
    expect(() => xdog(picture, { sigma: 0 })).toThrow(
      new RangeError(
        'xdog: expected sigma and kappa above 0 and at most 100, got sigma=0, kappa=4.5. ' +
          'Choose e.g. sigma 0.4 and kappa 4.5.',
      ),
    )
  })
})
