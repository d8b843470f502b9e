import { type FloatPicture, gaussianBlur } from './gaussian-blur.js'

/** Options of `colourDodge`. */
export interface ColourDodgeOptions {
  /** Standard deviation in pixels of the blur that a pixel is compared with. Default 2. */
  sigma?: number
  /** Exponent: above 1 draws darker lines. Default 4. */
  strength?: number
}

/**
 * A pencil drawing of a grey picture (0 = black, 1 = white) that keeps its anti-aliasing: nothing is thresholded.
 * Each pixel is divided by its surroundings, as when a picture is dodged with its blurred negative:
 * `min(1, (I + c) / (G(sigma) * I + c)) ^ strength`, with `*` for convolution and c = 1/255 against division by zero.
 *
 * @throws {RangeError} for a sigma or strength that is not positive.
 */
export function colourDodge(
  picture: FloatPicture,
  { sigma = 2, strength = 4 }: ColourDodgeOptions = {},
): FloatPicture {
  if (!(sigma > 0 && sigma <= 100 && strength > 0)) {
    throw new RangeError(
      `colourDodge: expected sigma above 0 and at most 100 and strength above 0, got sigma=${sigma}, ` +
        `strength=${strength}. Choose e.g. sigma 2 and strength 4.`,
    )
  }
  const around = gaussianBlur(picture, sigma).data
  const data = picture.data.map((value, index) => {
    const ratio = (value + leastLight) / (around[index]! + leastLight)
    return ratio >= 1 ? 1 : ratio ** strength
  })
  return { width: picture.width, height: picture.height, data }
}

const leastLight = 1 / 255
