import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { colourCollapse } from './colour-collapse.js'
import { type ColourSpread, ColourStatistics } from './colour-spread.js'

type Colour = [red: number, green: number, blue: number]

const spreadOf = (...pictures: Colour[][]): ColourSpread => {
  const statistics = new ColourStatistics()
  for (const colours of pictures) {
    statistics.add({ width: colours.length, height: 1, data: Uint8Array.from(colours.flat()) })
  }
  return statistics.result()
}
const white: Colour = [255, 255, 255]
const red: Colour = [255, 0, 0]
const cyan: Colour = [0, 255, 255]
const ochre: Colour = [204, 153, 51]

const fixture = JSON.parse(readFileSync(new URL('../fixtures/colours.json', import.meta.url), 'utf8'))
const none = { saturation: 0, variety: 0, spread: 0, chroma: 0, hueEntropy: 0, colourfulness: 0 }

describe('ColourStatistics', () => {
  test('chroma, entropy of hues and colourfulness are those of scikit-image and NumPy', () => {
    const { width, height, data, ...expected } = fixture.picture
    const statistics = new ColourStatistics()
    statistics.add({ width, height, data: Uint8Array.from(data) })
    const result = statistics.result()
    for (const measure of ['chroma', 'hueEntropy', 'colourfulness'] as const) {
      expect(result[measure]).toBeCloseTo(expected[measure], 6)
    }
  })

  test('grey pictures have no colour', () => {
    expect(spreadOf([white, [9, 9, 9]], [white])).toEqual(none)
    expect(spreadOf()).toEqual(none)
  })

  test('one tint has no variety, however much paper shows', () => {
    const { saturation, variety, spread } = spreadOf(
      [white, ochre, ochre, white],
      [ochre, white, white, ochre],
    )
    expect(saturation).toBeCloseTo(Math.hypot(0.2, 0.5) / 2, 12) // a = .8 - .6, b = .7 - .2, on half of the pixels
    expect(variety).toBeCloseTo(0, 12)
    expect(spread).toBeCloseTo(0, 12)
  })

  test('opposite hues cancel out, and pictures of different colours lie apart', () => {
    // red a = 1, b = 1/2; cyan a = -1, b = -1/2
    expect(spreadOf([red, cyan])).toMatchObject({ variety: 1, spread: 0 })
    expect(spreadOf([red, red], [cyan, cyan]).spread).toBeCloseTo(Math.hypot(1, 0.5), 12)
  })
})

describe('colourCollapse', () => {
  const quality = { psnr: 1, ssim: 1, deltaE76: 1, deltaE2000: 1, bleeding: 1 }
  const artist = { ...none, saturation: 0.11, variety: 0.31, spread: 0.1 }
  const finding = (model: Partial<ColourSpread>, count = 20, of: Partial<ColourSpread> = {}) =>
    colourCollapse(
      {
        split: 'validation',
        count,
        model: quality,
        baselines: { lineArt: quality, meanColour: quality },
        colours: { model: { ...artist, ...model }, artist: { ...artist, ...of } },
      },
      7,
    )

  test('names grey results and one tint, with both numbers', () => {
    expect(finding({ variety: 0.025 })).toMatchObject({
      rule: 'colour-collapse',
      step: 7,
      message: "The results are nearly all of one tint: variety 0.025, the artist's 0.310.",
    })
    expect(finding({ saturation: 0.01 })?.message).toBe(
      "The results are nearly grey: saturation 0.010, the artist's 0.110.",
    )
  })

  test('says nothing of varied colours, too few pictures, or artists of one tint', () => {
    expect(finding({})).toBeUndefined()
    expect(finding({ variety: 0.05 })).toBeUndefined()
    expect(finding({ variety: 0 }, 4)).toBeUndefined()
    expect(finding({ variety: 0 }, 20, { variety: 0.05 })).toBeUndefined()
  })
})
