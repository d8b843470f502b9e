import { createHash } from 'node:crypto'
import { greyLevels } from '../line-art/line-art.js'
import { greyPicture, type PictureHeader, saturatedArea } from '../pictures/picture.js'
import { readHeader } from '../pictures/read-header.js'
import type { SamplePictures } from '../sources/picture-source.js'
import { type Fingerprint, fingerprintOf, fingerprintSide } from '../splits/fingerprint.js'
import type { PictureReader } from '../workers/picture-reader.js'
import { type ColourCounts, countColours } from './colour-counts.js'
import { registrationOf } from './registration.js'

/** What the audit wants to know of one sample. */
export interface Examination {
  readonly header: PictureHeader
  readonly fingerprint: Fingerprint
  /** Difference of the lightest and the darkest level, 0 to 255, in the channel where it is largest. */
  readonly contrast: number
  /** Share of pixels with any colour: channels that differ by 24 of 255. */
  readonly coloured: number
  /** Share of pixels with strong colour: channels that differ by 40 of 255. */
  readonly saturated: number
  /** Mean and standard deviation of the lightness, 0 to 255. */
  readonly lightness: { readonly mean: number; readonly deviation: number }
  readonly colours: ColourCounts
  /** Only where the sample has line art of its own. */
  readonly line?: {
    /** Equal for equal line art, whatever the file. */
    readonly digest: string
    /** See `registrationOf`. */
    readonly registration: number
  }
}

/** Throws a PictureError for a picture that cannot be read. */
export async function examineSample(pictures: SamplePictures, reader: PictureReader): Promise<Examination> {
  const { bytes, digest, picture } = await reader.read(pictures.colour, fingerprintSide)
  const grey = greyPicture(picture)
  const line = pictures.line && (await reader.decode(pictures.line, fingerprintSide))
  if (pictures.reference) await reader.decode(pictures.reference, fingerprintSide)
  return {
    header: await readHeader(bytes),
    fingerprint: fingerprintOf({ digest, picture }),
    contrast: largestContrast(picture.data),
    coloured: saturatedArea(picture.data, 24),
    saturated: saturatedArea(picture.data),
    lightness: momentsOf(grey.data),
    colours: countColours(picture.data),
    ...(line && {
      line: {
        digest: createHash('sha256').update(greyPicture(line).data).digest('hex'),
        registration: registrationOf(greyLevels(line), greyLevels(picture)),
      },
    }),
  }
}

function largestContrast(rgb: Uint8Array): number {
  const least = [255, 255, 255]
  const most = [0, 0, 0]
  rgb.forEach((value, index) => {
    const channel = index % 3
    if (value < least[channel]!) least[channel] = value
    if (value > most[channel]!) most[channel] = value
  })
  return Math.max(...most.map((value, channel) => value - least[channel]!))
}

function momentsOf(values: Uint8Array): { mean: number; deviation: number } {
  let sum = 0
  let squares = 0
  for (const value of values) {
    sum += value
    squares += value * value
  }
  const mean = sum / values.length
  return { mean, deviation: Math.sqrt(Math.max(0, squares / values.length - mean * mean)) }
}
