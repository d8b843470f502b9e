import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { restroke } from './line-jitter.js'

const { width, height } = reference
const picture = { width, height, data: Float32Array.from(reference.picture) }

describe('restroke', () => {
  it.each(reference.strokes)(
    'equals the mix with scipy.ndimage filters for $options',
    ({ options, values }) => {
      const { data } = restroke(picture, options)
      values.forEach((value, index) => {
        expect(data[index]).toBeCloseTo(value, 6)
      })
    },
  )

  it('makes a line wider or narrower by a pixel on each side', () => {
    const data = new Float32Array(9 * 5).fill(1)
    for (let y = 0; y < 5; y++) data.fill(0, y * 9 + 3, y * 9 + 6)
    const ink = (thickness: number) =>
      [...restroke({ width: 9, height: 5, data }, { thickness, darkness: 1 }).data.subarray(18, 27)].filter(
        (value) => value === 0,
      ).length
    expect([ink(-1), ink(0), ink(1)]).toEqual([1, 3, 5])
  })

  it('refuses values outside their range', () => {
    expect(() => restroke(picture, { thickness: 2, darkness: 1 })).toThrow(
      new RangeError(
        'restroke: expected thickness from -1 to 1 and darkness from 0 to 1, got thickness=2, darkness=1. ' +
          'Choose e.g. 0.3 and 0.8.',
      ),
    )
  })
})
