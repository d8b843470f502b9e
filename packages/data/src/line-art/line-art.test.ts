import { describe, expect, it } from 'vitest'
import { extractLineArt } from './line-art.js'

/** A red rectangle on white: 48 x 32 pixels. */
function redRectangle() {
  const data = new Uint8Array(48 * 32 * 3).fill(255)
  for (let y = 4; y < 28; y++) {
    for (let x = 6; x < 40; x++) data.set([220, 30, 30], (y * 48 + x) * 3)
  }
  return { width: 48, height: 32, data }
}

describe('extractLineArt', () => {
  it.each(['xdog', 'adaptive', 'dilation'] as const)(
    'draws the outline of a shape and no fill with %s',
    (extractor) => {
      const { width, height, data } = extractLineArt(redRectangle(), { extractor })
      expect([width, height, data.length]).toEqual([48, 32, 48 * 32])
      const at = (x: number, y: number): number => data[y * 48 + x]!
      expect([at(6, 16), at(39, 16), at(20, 4), at(20, 27)]).toEqual([0, 0, 0, 0])
      expect([at(0, 0), at(45, 16), at(2, 30), at(22, 16)]).toEqual([255, 255, 255, 255])
    },
  )

  it('draws the same from a grey picture as from its RGB copy', () => {
    const grey = {
      width: 7,
      height: 5,
      data: Uint8Array.from({ length: 35 }, (_, index) => (index * 53) % 256),
    }
    const rgb = {
      ...grey,
      data: Uint8Array.from({ length: 105 }, (_, index) => grey.data[Math.floor(index / 3)]!),
    }
    expect(extractLineArt(grey).data).toEqual(extractLineArt(rgb).data)
  })

  it('refuses data of another length', () => {
    expect(() => extractLineArt({ width: 2, height: 2, data: new Uint8Array(5) })).toThrow(
      new RangeError(
        'extractLineArt: expected width * height * 1 or 3 bytes, got 5 bytes (width=2, height=2). ' +
          'Pass a whole RGB or one-channel picture.',
      ),
    )
  })
})
