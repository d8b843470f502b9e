import { type Examination, examineSample } from '../audit/examine-sample.js'
import type { FloatPair } from '../augment/augment-sample.js'
import { augmentSample } from '../augment/augment-sample.js'
import { type AugmentOptions, drawAugmentation } from '../augment/augmentation.js'
import type { Extractor, LineJitter } from '../line-art/random-line-art.js'
import { preparePair } from '../pairs/prepare-pair.js'
import type { RasterPair } from '../pairs/raster-pair.js'
import { encodePng } from '../pictures/encode-picture.js'
import { seededRandom } from '../random.js'
import type { SamplePictures } from '../sources/picture-source.js'
import type { PictureLocation } from '../sources/read-location.js'
import { type Fingerprint, fingerprintOf, fingerprintSide } from '../splits/fingerprint.js'
import type { PictureReader } from './picture-reader.js'

interface PrepareArgs {
  readonly pictures: SamplePictures
  readonly size: number
  readonly extractor: Extractor
  readonly jitter: LineJitter
  readonly seed: number
  /** Names what the random numbers are for, such as the epoch and the sample. */
  readonly purpose: string
}

/** What a worker thread can be asked to do: plain data in, plain data out. */
export interface Tasks {
  /** Makes a training pair as bytes. */
  prepare: { args: PrepareArgs; result: RasterPair }
  /** Makes a training pair in [-1, 1], changed at random. */
  augmented: { args: PrepareArgs & { readonly augment: AugmentOptions }; result: FloatPair }
  /** What a picture is compared by. */
  fingerprint: { args: { readonly picture: PictureLocation }; result: Fingerprint }
  /** What the audit wants to know of a sample. */
  examine: { args: { readonly pictures: SamplePictures }; result: Examination }
  /** A small PNG file. */
  thumbnail: { args: { readonly picture: PictureLocation; readonly side: number }; result: Uint8Array }
}

export type TaskName = keyof Tasks
export type TaskHandlers = {
  readonly [Name in TaskName]: (
    args: Tasks[Name]['args'],
    reader: PictureReader,
  ) => Promise<Tasks[Name]['result']>
}

const prepare: TaskHandlers['prepare'] = ({ seed, purpose, ...args }, reader) =>
  preparePair(args.pictures, {
    ...args,
    random: seededRandom(seed, `line art of ${purpose}`),
    decode: (location, inside) => reader.decode(location, inside),
  })

export const taskHandlers: TaskHandlers = {
  prepare,
  augmented: async ({ augment, ...args }, reader) => {
    const pair = await prepare(args, reader)
    const random = seededRandom(args.seed, `augmentation of ${args.purpose}`)
    return augmentSample(pair, args.size, drawAugmentation(augment, args.size, random))
  },
  fingerprint: async ({ picture }, reader) => fingerprintOf(await reader.read(picture, fingerprintSide)),
  examine: ({ pictures }, reader) => examineSample(pictures, reader),
  thumbnail: async ({ picture, side }, reader) => encodePng(await reader.decode(picture, side)),
}
