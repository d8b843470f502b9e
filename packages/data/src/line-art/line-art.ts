import { channelsOf, type GreyPicture, luma, type Picture } from '../pictures/picture.js'
import { type AdaptiveThresholdOptions, adaptiveThreshold } from './adaptive-threshold.js'
import { type ColourDodgeOptions, colourDodge } from './colour-dodge.js'
import { type DilationDifferenceOptions, dilationDifference } from './dilation-difference.js'
import type { FloatPicture } from './gaussian-blur.js'
import { type XdogOptions, xdog } from './xdog.js'

/** Options of `extractLineArt`: the method, and its own options. */
export type LineArtOptions =
  | ({ extractor?: 'xdog' } & XdogOptions)
  | ({ extractor: 'adaptive' } & AdaptiveThresholdOptions)
  | ({ extractor: 'dilation' } & DilationDifferenceOptions)
  | ({ extractor: 'dodge' } & ColourDodgeOptions)

/**
 * Line art drawn from a colour or grey picture: one byte per pixel, 255 = paper, 0 = ink, size unchanged.
 * `xdog` (the default) draws clean contours, `adaptive` a rougher, fuller drawing with more noise, `dilation` lines as
 * strong as the edges, and `dodge` a soft pencil drawing that keeps its anti-aliasing.
 */
export function extractLineArt(picture: Picture | GreyPicture, options: LineArtOptions = {}): GreyPicture {
  return toBytes(drawLines(greyLevels(picture), options))
}

/** The same in floating point, 0 = ink, 1 = paper. */
export function drawLines(grey: FloatPicture, options: LineArtOptions): FloatPicture {
  if (options.extractor === 'adaptive') return adaptiveThreshold(grey, options)
  if (options.extractor === 'dilation') return dilationDifference(grey, options)
  if (options.extractor === 'dodge') return colourDodge(grey, options)
  return xdog(grey, options)
}

/** Luma from 0 to 1. */
export function greyLevels({ width, height, data }: Picture | GreyPicture): FloatPicture {
  const channels = channelsOf({ width, height, data }, 'extractLineArt')
  const levels = new Float32Array(width * height)
  for (let pixel = 0; pixel < levels.length; pixel++) {
    levels[pixel] =
      channels === 1
        ? data[pixel]! / 255
        : luma(data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!) / 255
  }
  return { width, height, data: levels }
}

export function toBytes({ width, height, data }: FloatPicture): GreyPicture {
  const bytes = new Uint8Array(data.length)
  for (let pixel = 0; pixel < bytes.length; pixel++) bytes[pixel] = Math.round(data[pixel]! * 255)
  return { width, height, data: bytes }
}
