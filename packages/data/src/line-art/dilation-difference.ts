import type { FloatPicture } from './gaussian-blur.js'
import { maximumFilter } from './neighbourhood.js'

/** Options of `dilationDifference`. */
export interface DilationDifferenceOptions {
  /** Side of the square in which the lightest pixel is looked for; odd: lines are about half as wide. Default 3. */
  block?: number
  /** How strongly a difference is drawn: 1 draws a step from black to white in full black. Default 2. */
  gain?: number
}

/**
 * Difference of dilation: how much darker each pixel of a grey picture (0 = black, 1 = white) is than the lightest
 * one around it, drawn as ink (0) on paper (1): `1 - min(1, gain (dilate(I) - I))`. Lines follow the dark side of
 * edges and are as strong as the edge.
 *
 * @throws {RangeError} for an even block and a gain that is not positive.
 */
export function dilationDifference(
  picture: FloatPicture,
  { block = 3, gain = 2 }: DilationDifferenceOptions = {},
): FloatPicture {
  if (!(gain > 0)) {
    throw new RangeError(`dilationDifference: expected gain above 0, got ${gain}. Choose e.g. 2.`)
  }
  if (!Number.isInteger(block) || block < 3 || block % 2 === 0) {
    throw new RangeError(
      `dilationDifference: expected block to be an odd whole number from 3, got ${block}. Choose e.g. 3.`,
    )
  }
  const lightest = maximumFilter(picture, (block - 1) / 2).data
  const data = picture.data.map((value, index) => 1 - Math.min(1, gain * (lightest[index]! - value)))
  return { width: picture.width, height: picture.height, data }
}
