import { PictureError } from '../errors.js'
import { drawLines, greyLevels, toBytes } from '../line-art/line-art.js'
import { restroke } from '../line-art/line-jitter.js'
import { type Extractor, type LineJitter, randomLineArt, randomStroke } from '../line-art/random-line-art.js'
import { greyPicture, type Picture, saturatedArea } from '../pictures/picture.js'
import type { PictureLimits } from '../pictures/picture-limits.js'
import type { Random } from '../random.js'
import type { SamplePictures } from '../sources/picture-source.js'
import { locationName, type PictureLocation } from '../sources/read-location.js'
import { centreAndHalve, type RasterPair, workScale } from './raster-pair.js'

export interface PreparePairArgs {
  /** Height and width of the pair in pixels. */
  size: number
  extractor: Extractor
  jitter: LineJitter
  random: Random
  /** Reads and decodes a picture so that it fits into a square of this side. */
  decode: (location: PictureLocation, inside: number) => Promise<Picture>
}

/** What is asked of pictures that a net is trained on, besides what they ask for themselves. */
export const trainingLimits: PictureLimits = { side: 16 }

const longestAspect = 8
const leastInk = 0.002
// A picture is grey if less than 1 % of it has channels that differ by 24 of 255 (JPEG noise stays below).
const greyChroma = 24
const leastColouredArea = 0.01
const largestSideDifference = 0.02

/**
 * Makes a training pair: both pictures are fitted whole into `size x size` on white. Where the sample has no line art,
 * it is drawn from the coloured picture, before that is put on white, so that the edge of the picture is no line.
 * Throws a PictureError for a picture that is grey, without lines, long and narrow, or cannot be read.
 */
export async function preparePair(pictures: SamplePictures, args: PreparePairArgs): Promise<RasterPair> {
  const { size, random, jitter, decode } = args
  const inside = size * workScale
  const name = locationName(pictures.colour)
  const picture = await decode(pictures.colour, inside)
  if (aspect(picture) > longestAspect || aspect(picture) < 1 / longestAspect) {
    throw new PictureError(name, `too long and narrow (more than ${longestAspect} times as long as wide)`)
  }
  if (saturatedArea(picture.data, greyChroma) < leastColouredArea) {
    throw new PictureError(name, 'grey only (less than 1 % of it has colour)')
  }
  const options = randomLineArt(args.extractor, workScale, random)
  const drawn = pictures.line
    ? greyLevels(greyPicture(await decodePartner(pictures.line, picture, inside, decode)))
    : drawLines(greyLevels(picture), options)
  const isJittered = jitter.thickness || jitter.darkness
  const line = centreAndHalve(
    toBytes(isJittered ? restroke(drawn, randomStroke(jitter, random)) : drawn),
    size,
    1,
  )
  if (inkShare(line) < leastInk) throw new PictureError(name, 'no lines found in it')
  const pair = { line, colour: centreAndHalve(picture, size, 3) }
  if (!pictures.reference) return pair
  return { ...pair, reference: centreAndHalve(await decode(pictures.reference, inside), size, 3) }
}

/** The line art of a picture; it must have the same shape, or its lines would lie elsewhere. */
async function decodePartner(
  location: PictureLocation,
  picture: Picture,
  inside: number,
  decode: PreparePairArgs['decode'],
): Promise<Picture> {
  const line = await decode(location, inside)
  const difference = Math.max(Math.abs(line.width - picture.width), Math.abs(line.height - picture.height))
  if (difference > 2 + largestSideDifference * inside) {
    throw new PictureError(
      locationName(location),
      `line art of another shape than its coloured picture (fitted ${line.width}x${line.height} and ` +
        `${picture.width}x${picture.height})`,
    )
  }
  return line
}

function aspect({ width, height }: Picture): number {
  return width / height
}

function inkShare(line: Uint8Array): number {
  let ink = 0
  for (const value of line) ink += 255 - value
  return ink / (255 * line.length)
}
