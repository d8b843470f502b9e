import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { extractLineArt, type LineArtOptions } from '../line-art/line-art.js'
import type { GreyPicture, Picture } from '../pictures/picture.js'
import type { Random } from '../random.js'

/** How line art is drawn from colour pictures: by one method, or by either, chosen at random per picture. */
export type Extractor = 'xdog' | 'adaptive' | 'mixed'

/**
 * Line art is drawn at twice the final size and then halved, so that its lines have soft edges like a scan's.
 * A picture for `trainingPair` therefore fits into a square of twice the final size.
 */
export const workScale = 2

/** Line art and colour of one picture as bytes: `[size, size, 1]` and `[size, size, 3]`. */
export interface RasterPair {
  readonly line: Uint8Array
  readonly colour: Uint8Array
}

/**
 * Makes a training pair of a picture that fits into `2 size x 2 size`: draws its line art with parameters taken from
 * `random`, centres both on white and halves them. Lines are drawn before that, so that the edge of the picture
 * is no line.
 */
export function trainingPair(
  picture: Picture,
  size: number,
  extractor: Extractor,
  random: Random,
): RasterPair {
  const line = extractLineArt(picture, lineArtOptions(extractor, random))
  return { line: centreAndHalve(line, size, 1), colour: centreAndHalve(picture, size, 3) }
}

/** One extractor with one setting is learnt by heart: the net then fails on drawings by hand. */
function lineArtOptions(extractor: Extractor, random: Random): LineArtOptions {
  const between = (low: number, high: number): number => low + (high - low) * uniformFloat64(random)
  const useXdog = extractor === 'xdog' || (extractor === 'mixed' && uniformFloat64(random) < 0.7)
  if (!useXdog) return { extractor: 'adaptive', block: 9, offset: between(2, 6) / 255 }
  // 0.3 to 0.5 pixels of the final picture.
  return { extractor: 'xdog', sigma: workScale * between(0.3, 0.5), epsilon: between(-0.01, 0) }
}

function centreAndHalve(picture: Picture | GreyPicture, size: number, channels: 1 | 3): Uint8Array {
  const side = size * workScale
  const left = Math.floor((side - picture.width) / 2)
  const top = Math.floor((side - picture.height) / 2)
  const sums = new Uint16Array(size * size * channels).fill(255 * workScale * workScale)
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const to = (Math.floor((top + y) / workScale) * size + Math.floor((left + x) / workScale)) * channels
      const from = (y * picture.width + x) * channels
      for (let channel = 0; channel < channels; channel++) {
        sums[to + channel] = sums[to + channel]! - 255 + picture.data[from + channel]!
      }
    }
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / (workScale * workScale)))
}
