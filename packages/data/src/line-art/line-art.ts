import { channelsOf, type GreyPicture, luma, type Picture } from '../pictures/picture.js'
import { type AdaptiveThresholdOptions, adaptiveThreshold } from './adaptive-threshold.js'
import { type XdogOptions, xdog } from './xdog.js'

export type LineArtOptions =
  | ({ extractor?: 'xdog' } & XdogOptions)
  | ({ extractor: 'adaptive' } & AdaptiveThresholdOptions)

/**
 * Line art drawn from a colour or grey picture: one byte per pixel, 255 = paper, 0 = ink, size unchanged.
 * `xdog` (the default) draws clean contours, `adaptive` a rougher, fuller drawing with more noise.
 */
export function extractLineArt(picture: Picture | GreyPicture, options: LineArtOptions = {}): GreyPicture {
  const { width, height } = picture
  const grey = { width, height, data: greyLevels(picture) }
  const lines = options.extractor === 'adaptive' ? adaptiveThreshold(grey, options) : xdog(grey, options)
  return { width, height, data: Uint8Array.from(lines.data, (value) => Math.round(value * 255)) }
}

/** Luma from 0 to 1. */
function greyLevels({ width, height, data }: Picture | GreyPicture): Float32Array {
  const channels = channelsOf({ width, height, data }, 'extractLineArt')
  return Float32Array.from({ length: width * height }, (_, pixel) => {
    if (channels === 1) return data[pixel]! / 255
    return luma(data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!) / 255
  })
}
