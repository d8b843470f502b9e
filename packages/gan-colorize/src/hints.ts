import type { FloatPicture, Picture } from '@dlkit/data'
import { findRegions, type Regions } from './regions.js'
import type { Rgb } from './take-palette.js'

/** A stroke of colour on a drawing: "this part has this colour". */
export interface Hint {
  colour: Rgb
  /** The stroke's course, at least one point: pixels from the left and from the top of the picture. */
  points: readonly (readonly [x: number, y: number])[]
  /** Width in pixels of the picture. Default: 1/32 of its longer side. */
  width?: number
}

/** Channels of what `hintPlanes` makes: red, green, blue, filled, stroke. */
export const HINT_CHANNELS = 5

/** Balls that bridge gaps of 4 pixels of a drawing of 64 × 64: outlines at the size of a network are often open. */
const RADII = [32, 16, 0]
/** Share of a stroke that a region has at least to be filled by it: the rest has slipped over the line. */
const LEAST_SHARE = 0.25

/** The regions that a stroke fills. @param line 1 is paper. */
export function hintRegions(line: FloatPicture): Regions {
  return findRegions(line, RADII)
}

/**
 * What the network sees of strokes: each fills the regions that it runs through, up to their lines, and where strokes of
 * several colours share a region, each pixel takes the one that is nearest within the region.
 *
 * @param hints in pixels of the regions.
 * @returns `[height, width, 5]`: colour in [-1, 1], 1 where a region is filled, 1 under a stroke; 0 elsewhere.
 */
export function hintPlanes(hints: readonly Hint[], regions: Regions): Float32Array {
  const { width, height, labels } = regions
  const planes = new Float32Array(width * height * HINT_CHANNELS)
  const reached: number[] = []
  const put = (pixel: number, colour: Hint['colour'], isStroke: boolean) => {
    const at = pixel * HINT_CHANNELS
    if (planes[at + 3] === 0) reached.push(pixel)
    for (let c = 0; c < 3; c++) planes[at + c] = colour[c]! / 127.5 - 1
    planes[at + 3] = 1
    if (isStroke) planes[at + 4] = 1
  }
  for (const hint of hints) {
    const pixels = filledPart(hint, regions)
    for (const pixel of pixels) put(pixel, hint.colour, true)
  }
  for (let next = 0; next < reached.length; next++) {
    const pixel = reached[next]!
    const at = pixel * HINT_CHANNELS
    const x = pixel % width
    for (const neighbour of [
      x > 0 ? pixel - 1 : -1,
      x < width - 1 ? pixel + 1 : -1,
      pixel - width,
      pixel + width,
    ]) {
      if (labels[neighbour] !== labels[pixel] || planes[neighbour * HINT_CHANNELS + 3] !== 0) continue
      planes.copyWithin(neighbour * HINT_CHANNELS, at, at + 4)
      reached.push(neighbour)
    }
  }
  return planes
}

/**
 * The pixels of a stroke that lie in regions which have a share in it, or through which its middle runs for longer than it is
 * wide; ink counts only for strokes on nothing else.
 */
function filledPart(hint: Hint, { width, height, labels, ink }: Regions): number[] {
  const pixels = strokePixels(hint, width, height)
  const open = pixels.filter((pixel) => ink[pixel] === 0)
  const meant = open.length > 0 ? open : pixels
  const counts = countByLabel(meant)
  const middle = countByLabel(
    strokePixels({ ...hint, width: 1 }, width, height).filter((pixel) => ink[pixel] === 0),
  )
  const breadth = hint.width ?? Math.max(width, height) / 32
  const isMeant = (label: number) =>
    counts.get(label)! >= LEAST_SHARE * meant.length || (middle.get(label) ?? 0) > breadth
  return meant.filter((pixel) => isMeant(labels[pixel]!))

  function countByLabel(pixels: readonly number[]): Map<number, number> {
    const counts = new Map<number, number>()
    for (const pixel of pixels) counts.set(labels[pixel]!, (counts.get(labels[pixel]!) ?? 0) + 1)
    return counts
  }
}

/** The pixels under a stroke with round ends; at least those of its points that are on the picture. */
export function strokePixels(hint: Hint, width: number, height: number): number[] {
  const radius = (hint.width ?? Math.max(width, height) / 32) / 2
  const pixels = new Set<number>()
  const last = hint.points.length - 1
  hint.points.forEach(([x, y], i) => {
    const [toX, toY] = hint.points[Math.min(i + 1, last)]!
    addPixel(Math.floor(x), Math.floor(y))
    const [left, right] = [Math.floor(Math.min(x, toX) - radius), Math.ceil(Math.max(x, toX) + radius)]
    const [top, bottom] = [Math.floor(Math.min(y, toY) - radius), Math.ceil(Math.max(y, toY) + radius)]
    const squared = (toX - x) ** 2 + (toY - y) ** 2
    for (let row = Math.max(0, top); row <= Math.min(height - 1, bottom); row++) {
      for (let column = Math.max(0, left); column <= Math.min(width - 1, right); column++) {
        const [dx, dy] = [column + 0.5 - x, row + 0.5 - y]
        const along = squared === 0 ? 0 : (dx * (toX - x) + dy * (toY - y)) / squared
        const share = Math.min(1, Math.max(0, along))
        if (Math.hypot(dx - share * (toX - x), dy - share * (toY - y)) <= radius) addPixel(column, row)
      }
    }
  })
  return [...pixels]

  function addPixel(column: number, row: number): void {
    if (column >= 0 && row >= 0 && column < width && row < height) pixels.add(row * width + column)
  }
}

/** The same strokes on a picture of another size. */
export function scaleHints(
  hints: readonly Hint[],
  from: Pick<Picture, 'width' | 'height'>,
  to: Pick<Picture, 'width' | 'height'>,
): Hint[] {
  const [across, down] = [to.width / from.width, to.height / from.height]
  return hints.map(({ colour, points, width = Math.max(from.width, from.height) / 32 }) => ({
    colour,
    points: points.map(([x, y]) => [x * across, y * down] as const),
    width: width * Math.min(across, down),
  }))
}

/** @throws RangeError for a colour outside 0 to 255, a stroke without points, and numbers that are none. */
export function checkHints(hints: readonly Hint[], caller: string): void {
  hints.forEach(({ colour, points, width }, index) => {
    const fail = (expected: string, got: unknown, fix: string) => {
      throw new RangeError(
        `${caller}: expected ${expected}, got ${JSON.stringify(got)} (hint ${index + 1}). ${fix}`,
      )
    }
    if (colour.length !== 3 || !colour.every((value) => value >= 0 && value <= 255)) {
      fail('a colour of three numbers from 0 to 255', colour, 'Choose e.g. [230, 60, 40].')
    }
    if (points.length === 0 || !points.every((point) => point.length === 2 && point.every(Number.isFinite))) {
      fail('points of two numbers each', points, 'Give one point at least, as [x, y] in pixels.')
    }
    if (width !== undefined && !(width > 0 && Number.isFinite(width))) {
      fail('a width above 0', width, 'Leave it out, or give pixels of the picture.')
    }
  })
}
