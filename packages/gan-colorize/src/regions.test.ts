import { expect, test } from 'vitest'
import { findRegions } from './regions.js'

/** White paper with black lines where `isInk` says so. */
const drawing = (width: number, height: number, isInk: (x: number, y: number) => boolean) => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) =>
    isInk(i % width, Math.floor(i / width)) ? 0 : 1,
  ),
})
const onCircle = (x: number, y: number) => Math.abs(Math.hypot(x - 500, y - 400) - 200) < 3
const label = ({ labels, width }: ReturnType<typeof findRegions>, x: number, y: number) =>
  labels[y * width + x]

test('separates what a line encloses from the ground, and gives the line to its neighbours', () => {
  const regions = findRegions(drawing(1000, 900, onCircle))
  expect(regions.count).toBe(2)
  expect(label(regions, 500, 400)).not.toBe(label(regions, 5, 5))
  expect(label(regions, 500, 240)).toBe(label(regions, 500, 400))
  expect(label(regions, 999, 899)).toBe(label(regions, 5, 5))
  expect(label(regions, 500, 400 - 202)).toBe(label(regions, 5, 5))
  expect(label(regions, 500, 400 - 198)).toBe(label(regions, 500, 400))
})

test('a ball does not leave through a gap that is narrower than itself, but through a wide one', () => {
  const open = (gap: number) =>
    findRegions(drawing(1000, 900, (x, y) => onCircle(x, y) && !(x > 500 && Math.abs(y - 400) < gap / 2)))
  const [narrow, wide] = [open(10), open(60)]
  expect(label(narrow, 500, 400)).not.toBe(label(narrow, 5, 5))
  expect(label(wide, 500, 400)).toBe(label(wide, 5, 5))
})

test('thick ink is a region of its own, and a speck is none', () => {
  const isInk = (x: number, y: number) => Math.hypot(x - 300, y - 300) < 60 || (x === 700 && y < 4 && y > 1)
  const regions = findRegions(drawing(1000, 900, isInk))
  expect(regions.count).toBe(2)
  expect(label(regions, 300, 300)).not.toBe(label(regions, 5, 5))
})

test.each([
  [1, 1, 1],
  [1, 1, 0],
  [3, 40, 0],
  [7, 2, 1],
])('a plain picture of %i × %i is one region', (width, height, tone) => {
  const data = new Float32Array(width * height).fill(tone)
  expect(findRegions({ width, height, data })).toMatchObject({
    count: 1,
    labels: new Int32Array(data.length),
  })
})

test('every pixel of any drawing has the number of a region', () => {
  let state = 7
  const random = () => {
    state = (state * 16807) % 2147483647
    return state / 2147483647
  }
  for (const [width, height] of [
    [31, 17],
    [5, 120],
  ] as const) {
    const { labels, count } = findRegions(drawing(width, height, () => random() < 0.4))
    expect(labels.every((label) => label >= 0 && label < count)).toBe(true)
  }
})
