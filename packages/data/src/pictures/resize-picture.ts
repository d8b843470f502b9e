import sharp from 'sharp'
import { assertSize } from './assert-size.js'
import type { Picture } from './picture.js'

/**
 * A picture at another size: Lanczos when it shrinks, linear when it grows. The aspect ratio is not kept.
 * Throws a RangeError for a width or height that is no whole number from 1.
 */
export async function resizePicture(picture: Picture, width: number, height: number): Promise<Picture> {
  assertSize(picture, width, height)
  const shrinks = width * height < picture.width * picture.height
  const { data } = await sharp(picture.data, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .resize(width, height, { fit: 'fill', kernel: shrinks ? 'lanczos3' : 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width, height, data }
}
