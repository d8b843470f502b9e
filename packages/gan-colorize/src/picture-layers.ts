import type { Picture } from '@dlkit/data'
import { layPaint } from './lay-paint.js'
import { groundOf, type Regions } from './regions.js'

/** A coloured drawing in parts, all of its size: their product, as shares of white, is the picture with its shades. */
export interface PictureLayers {
  /** The lightest paint of each area, white where there is none. */
  flat: Picture
  /** How much darker the paint is than that. */
  shade: Picture
  /** The drawing. */
  ink: Picture
}

/** Takes a coloured drawing apart. @param tint its paint on white paper, of the regions' size. */
export function pictureLayers(drawing: Picture, tint: Picture, regions: Regions): PictureLayers {
  const { width, height, density } = drawing
  const paper = {
    width,
    height,
    data: new Uint8Array(3 * width * height).fill(255),
    ...(density !== undefined && { density }),
  }
  const flat = lightest(tint, regions)
  const quotient = tint.data.map((value, i) => Math.round((255 * value) / Math.max(1, flat.data[i]!)))
  const { labels } = regions
  return {
    flat: layPaint(paper, flat, { labels }),
    shade: layPaint(paper, { ...tint, data: quotient }, { labels }),
    ink: drawing,
  }
}

/** The product of layers. */
export function joinLayers({ flat, shade, ink }: PictureLayers): Picture {
  const data = ink.data.map((value, i) => Math.round((value * flat.data[i]! * shade.data[i]!) / 255 ** 2))
  return { ...ink, data }
}

/** The largest value of each channel in each region; the ground keeps its own. */
function lightest(tint: Picture, regions: Regions): Picture {
  const { labels, count } = regions
  const isGround = groundOf(regions)
  const most = new Uint8Array(3 * count)
  labels.forEach((label, pixel) => {
    for (let c = 0; c < 3; c++)
      most[3 * label + c] = Math.max(most[3 * label + c]!, tint.data[3 * pixel + c]!)
  })
  const data = tint.data.slice()
  labels.forEach((label, pixel) => {
    if (!isGround[label]) data.set(most.subarray(3 * label, 3 * label + 3), 3 * pixel)
  })
  return { ...tint, data }
}
