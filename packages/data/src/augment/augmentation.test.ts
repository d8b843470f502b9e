import { describe, expect, it } from 'vitest'
import reference from '../../fixtures/augmentation.json' with { type: 'json' }
import { seededRandom } from '../random.js'
import { geometryOf, warp } from './affine-map.js'
import { checkAugmentation, drawAugmentation, standardAugmentation } from './augmentation.js'
import { colourMatrixOf, recolour, saturate, turnHue } from './colour-matrix.js'

const { size } = reference
const picture = Float32Array.from(reference.picture)

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  let largest = 0
  expected.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value - actual[index]!))
  })
  // Single precision of values up to 1.
  expect(largest).toBeLessThan(2e-6)
}

describe('geometryOf and warp', () => {
  it.each(reference.geometries)('equal scipy.ndimage.affine_transform for $options', (example) => {
    const map = geometryOf(example.options, example.draws, size)
    expectClose(warp(picture, size, map, 1), example.values)
  })

  it('change nothing without options', () => {
    const draws = {
      flip: 0,
      rotate: 0,
      crop: 1,
      cropX: 0,
      cropY: 1,
      shiftX: 0,
      shiftY: 1,
      shear: 0,
      scale: 1,
    }
    expectClose(warp(picture, size, geometryOf({}, draws, size), 1), reference.picture)
  })

  it('leave only paper of what was shifted out', () => {
    const map = [1, 0, 2 * size, 0, 1, 0] as const
    expect(new Set(warp(picture, size, map, 1))).toEqual(new Set([1]))
  })
})

describe('colourMatrixOf and recolour', () => {
  it.each(reference.colours)('equal the W3C filters in NumPy for $options', (example) => {
    const changed = picture.slice()
    recolour(changed, colourMatrixOf(example.options, example.draws))
    expectClose(changed, example.values)
  })

  it('keep greys when the hue turns and the saturation changes', () => {
    for (const matrix of [turnHue(77), saturate(1.7)]) {
      const greys = Float32Array.of(-1, -1, -1, 0.25, 0.25, 0.25, 1, 1, 1)
      recolour(greys, matrix)
      expectClose(greys, [-1, -1, -1, 0.25, 0.25, 0.25, 1, 1, 1])
    }
  })
})

describe('drawAugmentation', () => {
  it('repeats for a seed, and one option does not change what the others do', () => {
    const draw = (options: object) => drawAugmentation(options, 32, seededRandom(4, 'test'))
    const { geometry, colour } = draw(standardAugmentation)
    expect(draw(standardAugmentation)).toEqual({ geometry, colour })
    expect(draw({ colour: standardAugmentation.colour })).toEqual({ colour })
    expect(draw({ geometry: standardAugmentation.geometry })).toEqual({ geometry })
    expect(draw({})).toEqual({})
  })
})

describe('checkAugmentation', () => {
  it('refuses unknown options and values outside their range', () => {
    expect(() => checkAugmentation({ geometry: { crop: 0 } }, 'x')).toThrow(
      new RangeError('x: expected crop from 0.01 to 1, got 0. Choose e.g. 0.9.'),
    )
    expect(() => checkAugmentation({ colour: { saturation: 0.5 } }, 'x')).toThrow(
      'x: expected saturation from 1 to 100, got 0.5.',
    )
    const misspelt = { rotation: 5 } as object
    expect(() => checkAugmentation({ geometry: misspelt }, 'x')).toThrow(
      'x: expected augmentations among flip, rotate, crop, shift, shear, scale, hue, saturation, exposure, contrast, ' +
        'got "rotation". Check the spelling.',
    )
  })
})
