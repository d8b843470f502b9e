import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { encodePng } from './encode-picture.js'

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 37) % 256)

describe('encodePng', () => {
  it.each([1, 3])('keeps every byte of a picture with %i channels', async (channels) => {
    const picture = { width: 5, height: 3, data: bytes(15 * channels) }
    const png = await encodePng(picture)
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 5, height: 3, channels })
    const decoded = sharp(png).toColourspace(channels === 1 ? 'b-w' : 'srgb')
    expect(new Uint8Array(await decoded.raw().toBuffer())).toEqual(picture.data)
    expect((await encodePng(picture)).equals(png)).toBe(true)
  })

  it('refuses data that does not fill the picture', async () => {
    await expect(encodePng({ width: 4, height: 2, data: bytes(7) })).rejects.toThrow(
      new RangeError(
        'encodePicture: expected width * height * 1 or 3 bytes, got 7 bytes (width=4, height=2). ' +
          'Pass a whole RGB or one-channel picture.',
      ),
    )
  })
})
