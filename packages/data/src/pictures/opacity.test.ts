import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodePicture } from './encode-picture.js'
import { decodePicture } from './read-picture.js'

/** Red that fades from opaque to nothing, with a row of black ink. */
const rgba = Buffer.from(
  Array.from({ length: 40 }, (_, i) => (i < 20 ? [200, 30, 40, 255 - 12 * i] : [0, 0, 0, 255])).flat(),
)
const file = () =>
  sharp(rgba, { raw: { width: 20, height: 2, channels: 4 } })
    .png()
    .toBuffer()

test('is kept beside what the picture looks like on white, where it is asked for', async () => {
  const bytes = await file()
  const plain = await decodePicture('a.png', bytes)
  const kept = await decodePicture('a.png', bytes, { alpha: true })
  expect(plain.alpha).toBeUndefined()
  expect([...kept.alpha!]).toEqual(Array.from({ length: 40 }, (_, i) => (i < 20 ? 255 - 12 * i : 255)))
  kept.data.forEach((value, i) => {
    expect(Math.abs(value - plain.data[i]!)).toBeLessThanOrEqual(1)
  })
})

test('comes back from a file; opaque pixels keep every byte, JPEG shows them on white', async () => {
  const kept = await decodePicture('a.png', await file(), { alpha: true })
  const again = await sharp(await encodePicture(kept))
    .raw()
    .toBuffer()
  expect(again.length).toBe(rgba.length)
  again.forEach((value, i) => {
    const opacity = rgba[4 * Math.floor(i / 4) + 3]!
    if (i % 4 === 3 || opacity === 255) expect(value).toBe(rgba[i])
    else expect(Math.abs(value - rgba[i]!)).toBeLessThanOrEqual(Math.ceil(255 / opacity))
  })
  expect((await sharp(await encodePicture(kept, { format: 'jpeg' })).metadata()).channels).toBe(3)
})

test('of a picture that is opaque everywhere is left out', async () => {
  const opaque = Buffer.from(rgba.map((value, i) => (i % 4 === 3 ? 255 : value)))
  const bytes = await sharp(opaque, { raw: { width: 20, height: 2, channels: 4 } })
    .png()
    .toBuffer()
  expect((await decodePicture('a.png', bytes, { alpha: true })).alpha).toBeUndefined()
})
