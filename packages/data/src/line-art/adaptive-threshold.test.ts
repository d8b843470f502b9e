import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { adaptiveThreshold } from './adaptive-threshold.js'

const picture = {
  width: reference.width,
  height: reference.height,
  data: Float32Array.from(reference.picture),
}

describe('adaptiveThreshold', () => {
  it.each(reference.adaptives)(
    'equals a threshold on scipy.ndimage.uniform_filter for $options',
    (example) => {
      expect(new Set(example.values)).toEqual(new Set([0, 1]))
      expect([...adaptiveThreshold(picture, example.options).data]).toEqual(example.values)
    },
  )

  it('refuses an even block', () => {
    expect(() => adaptiveThreshold(picture, { block: 8 })).toThrow(
      new RangeError(
        'adaptiveThreshold: expected block to be an odd whole number from 3, got 8. Choose e.g. 9.',
      ),
    )
  })
})
