import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/line-art.json' with { type: 'json' }
import { gaussianBlur, mirrored } from './gaussian-blur.js'

const picture = {
  width: reference.width,
  height: reference.height,
  data: Float32Array.from(reference.picture),
}

describe('gaussianBlur', () => {
  it.each(reference.blurs)('equals scipy.ndimage.gaussian_filter at sigma $sigma', ({ sigma, values }) => {
    const blurred = gaussianBlur(picture, sigma)
    values.forEach((value, index) => {
      expect(blurred.data[index]).toBeCloseTo(value, 6)
    })
  })

  it('mirrors with the border pixel repeated, however far outside', () => {
    expect([-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((index) => mirrored(index, 3))).toEqual([
      2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0,
    ])
  })

  it('leaves a constant picture as it is', () => {
    const flat = { width: 3, height: 5, data: new Float32Array(15).fill(0.25) }
    for (const value of gaussianBlur(flat, 2).data) expect(value).toBeCloseTo(0.25, 6)
  })

  it('reads nothing of a picture that was there before', () => {
    const before = gaussianBlur(picture, 2).data
    gaussianBlur({ width: 700, height: 90, data: new Float32Array(63_000).fill(Number.NaN) }, 5)
    expect(gaussianBlur(picture, 2).data).toEqual(before)
  })
})
