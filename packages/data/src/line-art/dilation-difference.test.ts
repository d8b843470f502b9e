import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { dilationDifference } from './dilation-difference.js'

const { width, height } = reference
const picture = { width, height, data: Float32Array.from(reference.picture) }

describe('dilationDifference', () => {
  it.each(reference.dilations)(
    'equals the formula over scipy.ndimage.grey_dilation for $options',
    ({ options, values }) => {
      const { data } = dilationDifference(picture, options)
      expect(values.some((value) => value === 0) || options.gain < 1).toBe(true)
      values.forEach((value, index) => {
        expect(data[index]).toBeCloseTo(value, 5)
      })
    },
  )

  it('refuses an even block and a gain of 0', () => {
    expect(() => dilationDifference(picture, { block: 4 })).toThrow(
      new RangeError(
        'dilationDifference: expected block to be an odd whole number from 3, got 4. Choose e.g. 3.',
      ),
    )
    expect(() => dilationDifference(picture, { gain: 0 })).toThrow(
      new RangeError('dilationDifference: expected gain above 0, got 0. Choose e.g. 2.'),
    )
  })
})
