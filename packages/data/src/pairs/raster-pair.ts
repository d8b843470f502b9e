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
  const sums = new Uint16Array(size * size * channels).fill(255 * workScale * workScale)
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const to = (((top + y) >> 1) * size + ((left + x) >> 1)) * channels
      const from = (y * picture.width + x) * channels
      for (let channel = 0; channel < channels; channel++) {
        sums[to + channel] = sums[to + channel]! - 255 + picture.data[from + channel]!
      }
    }
  }
  const halved = new Uint8Array(sums.length)
  for (let index = 0; index < sums.length; index++) halved[index] = (sums[index]! + 2) >> 2
  return halved
}
