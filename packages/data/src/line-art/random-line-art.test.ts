import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random.js'
import { checkLineArt, type Extractor, randomLineArt, randomStroke } from './random-line-art.js'

const draws = (extractor: Extractor) =>
  Array.from({ length: 2000 }, (_, index) => randomLineArt(extractor, 2, seededRandom(index, 'test')))

describe('randomLineArt', () => {
  it('mixes all extractors, XDoG twice as often as each other one', () => {
    const counts = new Map<string, number>()
    for (const { extractor = 'xdog' } of draws('mixed')) {
      counts.set(extractor, (counts.get(extractor) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['adaptive', 'dilation', 'dodge', 'xdog'])
    for (const [extractor, count] of counts) {
      // Three standard deviations of a binomial share are below 0.035.
      expect(Math.abs(count / 2000 - (extractor === 'xdog' ? 0.4 : 0.2))).toBeLessThan(0.035)
    }
  })

  it('draws XDoG at 0.3 to 0.5 pixels of the final picture, half of it in black and white', () => {
    const options = draws('xdog').map((drawn) => drawn as { sigma: number; phi: number })
    expect(options.every(({ sigma }) => sigma >= 0.6 && sigma <= 1)).toBe(true)
    const sharp = options.filter(({ phi }) => phi === 1e9).length
    expect(Math.abs(sharp / 2000 - 0.5)).toBeLessThan(0.035)
    expect(options.every(({ phi }) => phi === 1e9 || (phi >= 10 && phi <= 200))).toBe(true)
  })
})

describe('randomStroke', () => {
  it('stays within the jitter and changes nothing without one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, most) => {
        const { thickness, darkness } = randomStroke(
          { thickness: most, darkness: most / 2 },
          seededRandom(seed, 'test'),
        )
        expect(Math.abs(thickness)).toBeLessThanOrEqual(most)
        expect(darkness).toBeGreaterThanOrEqual(1 - most / 2)
        expect(darkness).toBeLessThanOrEqual(1)
      }),
    )
    expect(randomStroke({}, seededRandom(1, 'test'))).toEqual({ thickness: 0, darkness: 1 })
  })
})

describe('checkLineArt', () => {
  it('refuses a jitter above 1', () => {
    expect(() => checkLineArt('mixed', { darkness: 1.5 }, 'x')).toThrow(
      new RangeError(
        'x: expected jitter.darkness from 0 to 1, got 1.5. Choose e.g. thickness 0.5, darkness 0.3.',
      ),
    )
  })
})
