import { describe, expect, it } from 'vitest'
import { pictureGrid } from './picture-grid.js'

const red = { width: 2, height: 1, data: Uint8Array.of(200, 0, 0, 201, 0, 0) }
const grey = { width: 2, height: 1, data: Uint8Array.of(7, 8) }

describe('pictureGrid', () => {
  it('lays rows out on white with a gap, a short row ends in white', () => {
    const grid = pictureGrid([[red, grey], [grey]], { gap: 1 })
    expect([grid.width, grid.height]).toEqual([7, 5])
    const row = (y: number) => [...grid.data.subarray(y * 21, (y + 1) * 21)]
    const white = [255, 255, 255]
    const blank = Array(21).fill(255)
    expect(row(0)).toEqual(blank)
    expect(row(1)).toEqual([...white, ...red.data, ...white, 7, 7, 7, 8, 8, 8, ...white])
    expect(row(2)).toEqual(blank)
    expect(row(3)).toEqual([...white, 7, 7, 7, 8, 8, 8, ...white, ...white, ...white, ...white])
    expect(row(4)).toEqual(blank)
  })

  it('refuses pictures of different sizes and no pictures', () => {
    const tall = { width: 1, height: 2, data: Uint8Array.of(1, 2) }
    expect(() => pictureGrid([[red], [tall]])).toThrow(
      new RangeError(
        'pictureGrid: expected pictures of one size, got 1x2 (row 1, column 0; the first is 2x1). Resize them first.',
      ),
    )
    expect(() => pictureGrid([[], []])).toThrow(
      new RangeError('pictureGrid: expected at least one picture, got none (2 rows). Pass rows of pictures.'),
    )
    expect(() => pictureGrid([[red]], { gap: -1 })).toThrow(
      new RangeError('pictureGrid: expected gap to be a whole number from 0, got -1. Choose e.g. 4.'),
    )
  })
})
