import type { GreyPicture, Picture } from '../pictures/picture.js'

/**
 * Line art is drawn at twice the final size and then halved, so that its lines have soft edges like a scan's.
 * A picture to be halved therefore fits into a square of twice the final size.
 */
export const workScale = 2

/** Line art and colour of one picture as bytes: `[size, size, 1]` and `[size, size, 3]`. */
export interface RasterPair {
  readonly line: Uint8Array
  readonly colour: Uint8Array
  /** Another picture of the same subject, `[size, size, 3]`. */
  readonly reference?: Uint8Array
}

/** Centres a picture that fits into `2 size x 2 size` on white and halves it: the mean of each 2 x 2 pixels. */
export function centreAndHalve(picture: Picture | GreyPicture, size: number, channels: 1 | 3): Uint8Array {
  const side = size * workScale
  const left = Math.floor((side - picture.width) / 2)
  const top = Math.floor((side - picture.height) / 2)
  const { width, height, data } = picture
  const missing = new Uint16Array(size * size * channels)
  for (let y = 0; y < height; y++) {
    const row = ((top + y) >> 1) * size
    let from = y * width * channels
    for (let x = 0; x < width; x++) {
      let to = (row + ((left + x) >> 1)) * channels
      missing[to] = missing[to]! + 255 - data[from++]!
      if (channels === 1) continue
      to++
      missing[to] = missing[to]! + 255 - data[from++]!
      to++
      missing[to] = missing[to]! + 255 - data[from++]!
    }
  }
  const halved = new Uint8Array(missing.length)
  for (let index = 0; index < halved.length; index++) halved[index] = 255 - ((missing[index]! + 1) >> 2)
  return halved
}
