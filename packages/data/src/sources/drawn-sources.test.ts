import { describe, expect, it } from 'vitest'
import { preparePair } from '../pairs/prepare-pair.js'
import { saturatedArea } from '../pictures/picture.js'
import { seededRandom } from '../random.js'
import { PictureReader } from '../workers/picture-reader.js'
import { diceBearSource } from './dicebear-source.js'
import { notoSource } from './noto-source.js'
import { openMojiSource } from './openmoji-source.js'
import type { PictureSource } from './picture-source.js'

const size = 48
const reader = new PictureReader({})

async function pairOf(source: PictureSource, index: number) {
  return preparePair(await source.pictures(index), {
    size,
    extractor: 'mixed',
    jitter: {},
    random: seededRandom(1, 'test'),
    decode: (location, inside) => reader.decode(location, inside),
  })
}

/** The share of pixels that are neither paper nor ink but in between, or ink. */
const inkShare = (line: Uint8Array) => line.filter((value) => value < 128).length / line.length

describe('notoSource', () => {
  it('lists things, with line art of the same shapes in black on white', async () => {
    const source = await notoSource()
    expect(source.samples.length).toBeGreaterThan(1300)
    expect(new Set(source.samples.map(({ id }) => id)).size).toBe(source.samples.length)
    expect(source.samples.some(({ id }) => /skin-tone|^flag-of/.test(id))).toBe(false)
    const groups = new Map(source.samples.map(({ id, group }) => [id, group]))
    expect(groups.get('man-astronaut')).toBe(groups.get('woman-astronaut'))
    expect(groups.get('dog-face')).not.toBe(groups.get('cat-face'))
    const { line, colour } = await pairOf(
      source,
      source.samples.findIndex(({ id }) => id === 'dog-face'),
    )
    expect(inkShare(line)).toBeGreaterThan(0.03)
    expect(inkShare(line)).toBeLessThan(0.4)
    expect(saturatedArea(colour)).toBeGreaterThan(0.1)
    expect(source.attribution).toContain('Apache-2.0')
  })
})

describe('diceBearSource', () => {
  it('draws characters with line art, and the same character again as reference', async () => {
    const source = await diceBearSource({ count: 12, seed: 4 })
    expect(source.samples.length).toBe(12)
    expect(await (await diceBearSource({ count: 12, seed: 4 })).pictures(3)).toEqual(await source.pictures(3))
    expect(await (await diceBearSource({ count: 12, seed: 5 })).pictures(3)).not.toEqual(
      await source.pictures(3),
    )
    for (let index = 0; index < 12; index++) {
      const { line, colour, reference } = await pairOf(source, index)
      expect(inkShare(line)).toBeLessThan(0.4)
      // Another expression: not the same picture, but nearly the same amount of each colour.
      expect(reference).not.toEqual(colour)
      const amount = (rgb: Uint8Array, channel: number) =>
        rgb.reduce((sum, value, at) => (at % 3 === channel ? sum + value : sum), 0) / (rgb.length / 3)
      for (const channel of [0, 1, 2]) {
        expect(Math.abs(amount(reference!, channel) - amount(colour, channel))).toBeLessThan(12)
      }
    }
    expect(source.attribution).toContain('CC BY 4.0')
  })

  it('has no colour left in the line art', async () => {
    const source = await diceBearSource({ count: 5 })
    for (let index = 0; index < 5; index++) {
      const { line } = await source.pictures(index)
      const { data } = await reader.decode(line!, 64)
      expect(saturatedArea(data, 8)).toBe(0)
    }
  })

  it('refuses a count of 0', async () => {
    await expect(diceBearSource({ count: 0 })).rejects.toThrow(
      new RangeError('diceBearSource: expected count to be a whole number from 1, got 0. Choose e.g. 1000.'),
    )
  })
})

describe('openMojiSource', () => {
  it("gives an artist's line art and colours, grouped by what they show", async () => {
    const source = await openMojiSource()
    const index = source.samples.findIndex(({ id }) => id === '1F436')
    const { line, colour } = await pairOf(source, index)
    expect(inkShare(line)).toBeGreaterThan(0.03)
    expect(saturatedArea(colour)).toBeGreaterThan(0.1)
    const groups = new Map(source.samples.map(({ id, group }) => [id, group]))
    expect(groups.get('1F468-200D-1F373')).toBe(groups.get('1F469-200D-1F373'))
  })
})
