import { expect, test } from 'vitest'
import type { Regions } from './regions.js'
import { voteColours } from './vote-colours.js'

const [width, height] = [20, 10]
/** A frame of ground around a region that is 10 × 8. */
const regions: Regions = {
  width,
  height,
  count: 2,
  ink: new Uint8Array(width * height),
  labels: Int32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return Number(x >= 5 && x < 15 && y >= 1 && y < 9)
  }),
}

/** The first pixels of the region in blue, the rest in two reds, one or the other. */
function tint(blue: number) {
  let seen = 0
  const colours = Array.from(regions.labels, (label, i) =>
    label === 0 ? [250, 255, 255] : seen++ < blue ? [30, 60, 200] : [200 + (i % 2) * 10, 40, 50],
  )
  return { width, height, data: Uint8Array.from(colours.flat()) }
}

const colourAt = (data: Uint8Array, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
]

test('a region of which one colour has 85 % takes its mean, the ground stays', () => {
  const { data } = voteColours(tint(12), regions)
  const inside = Array.from(regions.labels, (label, i) =>
    label ? colourAt(data, i % width, Math.floor(i / width)) : [],
  )
  const colours = new Set(inside.filter((colour) => colour.length).map(String))
  expect(colours.size).toBe(1)
  const [red, green, blue] = colourAt(data, 6, 1)
  expect(Math.abs(red! - 205)).toBeLessThanOrEqual(1)
  expect([green, blue]).toEqual([40, 50])
  expect(colourAt(data, 0, 0)).toEqual([250, 255, 255])
})

test('a region without such a colour keeps its shades', () => {
  const before = tint(13)
  expect(voteColours(before, regions).data).toEqual(before.data)
})
