import { type FloatPicture, mirrored } from './gaussian-blur.js'

/** Options of `adaptiveThreshold`. */
export interface AdaptiveThresholdOptions {
  /** Side of the square around each pixel whose mean it is compared with; odd. Default 9. */
  block?: number
  /** How much darker than the mean a pixel must be to become ink, in grey levels of 0 to 1. Default 2 / 255. */
  offset?: number
}

/**
 * Ink (0) where a pixel of a grey picture (0 = black, 1 = white) is darker than the mean of the block around it
 * minus `offset`, paper (1) elsewhere. Beyond the border the picture is mirrored.
 *
 * @throws {RangeError} for an even block.
 */
export function adaptiveThreshold(
  picture: FloatPicture,
  { block = 9, offset = 2 / 255 }: AdaptiveThresholdOptions = {},
): FloatPicture {
  if (!Number.isInteger(block) || block < 3 || block % 2 === 0) {
    throw new RangeError(
      `adaptiveThreshold: expected block to be an odd whole number from 3, got ${block}. Choose e.g. 9.`,
    )
  }
  const { width, height, data } = picture
  const rows = runningMeans(data, block, { lines: height, length: width, lineStep: width, step: 1 })
  const means = runningMeans(rows, block, { lines: width, length: height, lineStep: 1, step: width })
  return { width, height, data: data.map((value, index) => (value < means[index]! - offset ? 0 : 1)) }
}

function runningMeans(
  values: Float32Array | Float64Array,
  block: number,
  { lines, length, lineStep, step }: { lines: number; length: number; lineStep: number; step: number },
): Float64Array {
  const radius = (block - 1) / 2
  const means = new Float64Array(values.length)
  for (let line = 0; line < lines; line++) {
    const at = (index: number): number => values[line * lineStep + mirrored(index, length) * step]!
    let sum = 0
    for (let index = -radius; index < radius; index++) sum += at(index)
    for (let index = 0; index < length; index++) {
      sum += at(index + radius)
      means[line * lineStep + index * step] = sum / block
      sum -= at(index - radius)
    }
  }
  return means
}
