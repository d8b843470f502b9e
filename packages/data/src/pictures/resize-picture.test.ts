import { expect, test } from 'vitest'
import { resizePicture } from './resize-picture.js'

const picture = { width: 4, height: 1, data: Uint8Array.of(9, 9, 9, 9, 9, 9, 200, 0, 0, 200, 0, 0) }

test('keeps the mean of a picture that shrinks to one pixel, per channel', async () => {
  const { data, width, height } = await resizePicture(picture, 1, 1)
  expect([width, height]).toEqual([1, 1])
  expect(Math.abs(data[0]! - 104.5)).toBeLessThan(2)
  expect(Math.abs(data[2]! - 4.5)).toBeLessThan(2)
})

test('keeps a plain colour when it grows to an uneven size', async () => {
  const { data } = await resizePicture({ width: 1, height: 1, data: Uint8Array.of(10, 120, 250) }, 5, 3)
  expect([...data]).toEqual(Array.from({ length: 15 }, () => [10, 120, 250]).flat())
})

test('keeps every byte at the same size', async () => {
  expect([...(await resizePicture(picture, 4, 1)).data]).toEqual([...picture.data])
})

test('refuses sizes that are no whole numbers from 1', async () => {
  await expect(resizePicture(picture, 0, 3)).rejects.toThrow(
    'resizePicture: expected whole numbers from 1, got 0 x 3 (from 4 x 1). Round both sides.',
  )
})
