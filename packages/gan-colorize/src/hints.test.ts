import { describe, expect, test } from 'vitest'
import {
  checkHints,
  HINT_CHANNELS,
  type Hint,
  hintPlanes,
  hintRegions,
  scaleHints,
  strokePixels,
} from './hints.js'

const size = 32
const red = [255, 0, 0] as const
const blue = [0, 0, 255] as const

/** Two boxes side by side, the left one with a gap of three pixels in its upper side. */
function drawing() {
  const data = new Float32Array(size * size).fill(1)
  const ink = (x: number, y: number) => {
    data[y * size + x] = 0
  }
  for (const [left, right] of [
    [3, 13],
    [18, 28],
  ] as [number, number][]) {
    for (let x = left; x <= right; x++)
      for (const y of [6, 24]) if ((x !== 7 && x !== 8) || left !== 3 || y !== 6) ink(x, y)
    for (let y = 6; y <= 24; y++) for (const x of [left, right]) ink(x, y)
  }
  return { width: size, height: size, data }
}
const regions = hintRegions(drawing())
const planes = (...hints: Hint[]) => hintPlanes(hints, regions)
const at = (values: Float32Array, x: number, y: number) => [
  ...values.subarray((y * size + x) * HINT_CHANNELS, (y * size + x + 1) * HINT_CHANNELS),
]

describe('hintPlanes', () => {
  test('a stroke fills its region over a gap of the outline, and nothing beyond', () => {
    const values = planes({ colour: red, points: [[8.5, 15.5]], width: 1 })
    expect(at(values, 8, 15)).toEqual([1, -1, -1, 1, 1])
    for (const [x, y] of [
      [5, 9],
      [11, 22],
      [5, 22],
    ] as const)
      expect(at(values, x, y)).toEqual([1, -1, -1, 1, 0])
    for (const [x, y] of [
      [23, 15],
      [15, 15],
      [1, 1],
    ] as const)
      expect(at(values, x, y)).toEqual([0, 0, 0, 0, 0])
  })

  test('two colours in one region meet between their strokes', () => {
    const values = planes(
      { colour: red, points: [[8.5, 9.5]], width: 1 },
      { colour: blue, points: [[8.5, 21.5]], width: 1 },
    )
    expect(at(values, 5, 10).slice(0, 3)).toEqual([1, -1, -1])
    expect(at(values, 11, 21).slice(0, 3)).toEqual([-1, -1, 1])
  })

  test('what has slipped over the line fills nothing there; a stroke through both boxes fills both', () => {
    const slipped = planes({
      colour: red,
      points: [
        [5, 15],
        [14.9, 15],
      ],
      width: 1.2,
    })
    expect(at(slipped, 23, 15)[3]).toBe(0)
    const through = planes({
      colour: red,
      points: [
        [5, 15],
        [26, 15],
      ],
      width: 1.2,
    })
    expect([at(through, 8, 10)[3], at(through, 23, 10)[3]]).toEqual([1, 1])
  })

  test('a long stroke fills each region that it runs through, however small its share', () => {
    const data = new Float32Array(size * size).fill(1)
    for (let x = 0; x < size; x += 6) for (let y = 0; y < size; y++) data[y * size + x] = 0
    const columns = hintRegions({ width: size, height: size, data })
    const values = hintPlanes(
      [
        {
          colour: red,
          points: [
            [1.5, 16],
            [30, 16],
          ],
          width: 2,
        },
      ],
      columns,
    )
    for (const x of [3, 9, 15, 21, 27]) expect(at(values, x, 30)[3]).toBe(1)
  })

  test('without strokes, or with strokes beside the picture, everything is 0', () => {
    expect(planes().every((value) => value === 0)).toBe(true)
    expect(planes({ colour: red, points: [[-9, 400]] }).every((value) => value === 0)).toBe(true)
  })
})

test('a stroke has round ends and its width', () => {
  const pixels = strokePixels(
    {
      colour: red,
      points: [
        [4, 10],
        [20, 10],
      ],
      width: 6,
    },
    size,
    size,
  )
  const area = 16 * 6 + Math.PI * 9
  expect(Math.abs(pixels.length / area - 1)).toBeLessThan(0.05)
  expect(strokePixels({ colour: red, points: [[4.2, 9.9]], width: 0.01 }, size, size)).toEqual([9 * size + 4])
})

test('scaled strokes keep their place and their width', () => {
  const [hint] = scaleHints(
    [{ colour: red, points: [[50, 30]], width: 8 }],
    { width: 100, height: 60 },
    { width: 50, height: 30 },
  )
  expect(hint).toEqual({ colour: red, points: [[25, 15]], width: 4 })
})

test.each<[Partial<Hint>, string]>([
  [
    { colour: [1, 2, 256] },
    'a: expected a colour of three numbers from 0 to 255, got [1,2,256] (hint 2). Choose e.g. [230, 60, 40].',
  ],
  [
    { points: [] },
    'a: expected points of two numbers each, got [] (hint 2). Give one point at least, as [x, y] in pixels.',
  ],
  [
    { points: [[1, Number.NaN]] },
    'a: expected points of two numbers each, got [[1,null]] (hint 2). Give one point at least, as [x, y] in pixels.',
  ],
  [{ width: 0 }, 'a: expected a width above 0, got 0 (hint 2). Leave it out, or give pixels of the picture.'],
])('%j is refused', (wrong, message) => {
  const right: Hint = { colour: red, points: [[1, 1]] }
  expect(() => checkHints([right, { ...right, ...wrong }], 'a')).toThrow(message)
})
