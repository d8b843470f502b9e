import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { Random } from '../random.js'
import { type AffineMap, type GeometryOptions, geometryOf } from './affine-map.js'
import { type ColourMatrix, type ColourOptions, colourMatrixOf } from './colour-matrix.js'

/** How far pictures may change. What is left out does not change. */
export interface AugmentOptions {
  /** Changes of shape: the same for the line art and the coloured picture. */
  geometry?: GeometryOptions
  /** Changes of colour: for the coloured picture, and the reference, only. */
  colour?: ColourOptions
}

/** A moderate augmentation for drawings, to start from. */
export const standardAugmentation = {
  geometry: { flip: 0.5, rotate: 10, crop: 0.9, shift: 0.05, shear: 5, scale: 1.1 },
  colour: { hue: 10, saturation: 1.3, exposure: 1.1, contrast: 1.1 },
} satisfies AugmentOptions

/** One change, the same for all pictures of a sample. */
export interface Augmentation {
  /** Absent where the shape stays as it is. */
  readonly geometry?: AffineMap
  /** Absent where the colours stay as they are. */
  readonly colour?: ColourMatrix
}

/**
 * Chooses one change within the limits of the options. It takes as many numbers from `random` whatever the options are,
 * so that one option does not change what the others do.
 */
export function drawAugmentation(options: AugmentOptions, size: number, random: Random): Augmentation {
  const draw = (): number => uniformFloat64(random)
  const geometry = {
    flip: draw(),
    rotate: draw(),
    crop: draw(),
    cropX: draw(),
    cropY: draw(),
    shiftX: draw(),
    shiftY: draw(),
    shear: draw(),
    scale: draw(),
  }
  const colour = { hue: draw(), saturation: draw(), exposure: draw(), contrast: draw() }
  return {
    ...(options.geometry && { geometry: geometryOf(options.geometry, geometry, size) }),
    ...(options.colour && { colour: colourMatrixOf(options.colour, colour) }),
  }
}

/** The range of each option, and an example. */
const ranges: Record<string, readonly [least: number, most: number, example: number]> = {
  flip: [0, 1, 0.5],
  rotate: [0, 180, 10],
  crop: [0.01, 1, 0.9],
  shift: [0, 1, 0.05],
  shear: [0, 80, 5],
  scale: [1, 100, 1.1],
  hue: [0, 180, 10],
  saturation: [1, 100, 1.3],
  exposure: [1, 100, 1.1],
  contrast: [1, 100, 1.1],
}

/** Throws a RangeError for an unknown option and one outside its range. */
export function checkAugmentation({ geometry, colour }: AugmentOptions, caller: string): void {
  for (const [name, value] of Object.entries({ ...geometry, ...colour })) {
    const range = ranges[name]
    if (!range) {
      throw new RangeError(
        `${caller}: expected augmentations among ${Object.keys(ranges).join(', ')}, got ${JSON.stringify(name)}. ` +
          'Check the spelling.',
      )
    }
    const [least, most, example] = range
    if (!(value >= least && value <= most)) {
      throw new RangeError(
        `${caller}: expected ${name} from ${least} to ${most}, got ${value}. Choose e.g. ${example}.`,
      )
    }
  }
}
