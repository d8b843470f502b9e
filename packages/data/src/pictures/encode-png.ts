import sharp from 'sharp'
import { channelsOf, type GreyPicture, type Picture } from './picture.js'

/** Encodes an RGB or one-channel picture as a PNG file. The same picture always gives the same bytes. */
export async function encodePng(picture: Picture | GreyPicture): Promise<Buffer> {
  const channels = channelsOf(picture, 'encodePng')
  const { width, height, data } = picture
  const image = sharp(data, { raw: { width, height, channels } })
  return image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png({ compressionLevel: 6 })
    .toBuffer()
}
