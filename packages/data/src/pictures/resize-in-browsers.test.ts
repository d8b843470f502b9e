import { expect, test } from 'vitest'
import { resizePicture as resizeInBrowsers } from './resize-in-browsers.js'
import { resizePicture } from './resize-picture.js'

/** Discs and a slope on paper. */
function drawing(width: number, height: number) {
  const data = new Uint8Array(3 * width * height).fill(255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x)
      const ring = Math.abs(Math.hypot(x - width / 2, y - height / 2) - 25)
      data[at] = Math.round((255 * x) / width)
      if (ring < 2.5) data.fill(20, at, at + 3)
    }
  }
  return { width, height, data }
}

test.each([
  ['much smaller', 21, 13, 8],
  ['smaller', 64, 51, 1.5],
  ['as it is', 101, 83, 0],
])('resizes like sharp: %s', async (_, width, height, most) => {
  const picture = drawing(101, 83)
  const [expected, resized] = [
    await resizePicture(picture, width, height),
    await resizeInBrowsers(picture, width, height),
  ]
  expect([resized.width, resized.height]).toEqual([width, height])
  const errors = resized.data.map((value, i) => Math.abs(value - expected.data[i]!))
  expect(errors.reduce((sum, x) => sum + x, 0) / errors.length).toBeLessThanOrEqual(most / 4)
  const sorted = errors.slice().sort()
  expect(sorted[Math.floor(0.99 * sorted.length)]).toBeLessThanOrEqual(2 * most)
})

test('is linear along a side that grows, with pixel centres on pixel centres, and keeps the border', async () => {
  const picture = { width: 2, height: 1, data: Uint8Array.of(0, 10, 40, 80, 10, 0) }
  const { data } = await resizeInBrowsers(picture, 4, 2)
  const row = [0, 10, 40, 20, 10, 30, 60, 10, 10, 80, 10, 0]
  expect([...data]).toEqual([...row, ...row])
})

test('refuses sizes that are no whole numbers from 1', async () => {
  await expect(resizeInBrowsers(drawing(4, 1), 2.5, 1)).rejects.toThrow(
    'resizePicture: expected whole numbers from 1, got 2.5 x 1 (from 4 x 1). Round both sides.',
  )
})
