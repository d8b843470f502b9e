import type { Picture } from '@dlkit/data'
import { deltaE76, type Lab, labOf } from './lab.js'
import type { Regions } from './regions.js'

/** Red, green and blue, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number]

const MOST_COLOURS = 16
/** Least distance from white, of 255, of what counts as painted. */
const PAINTED = 24
/** How much a colour is put off that has all of the painted area, beside the distance of the nearest one. */
const OFTEN = 4
/** Regions that differ in size and colour by no more are like parts, such as two eyes. */
const LIKE = { area: 1.15, distance: 12 }

interface Area {
  label: number
  pixels: number
  colour: Lab
}

/**
 * Paints each region with one colour of a palette: the one nearest to its own. Where none is near, colours that are much in
 * use already give way to others. Like parts take the same colour. Paper stays paper.
 *
 * @param tint of white paper, of the regions' size.
 */
export function takePalette(tint: Picture, regions: Regions, palette: readonly Rgb[]): Picture {
  const colours = palette.map(([red, green, blue]) => labOf(red, green, blue))
  const areas = paintedAreas(tint, regions)
  const total = areas.reduce((sum, { pixels }) => sum + pixels, 0)
  const used = new Float64Array(palette.length)
  const chosen = new Map<number, number>()
  for (const [index, area] of areas.entries()) {
    const like = areas.slice(0, index).find((other) => isLike(area, other))
    const choice = like ? chosen.get(like.label)! : cheapest(area)
    chosen.set(area.label, choice)
    used[choice]! += area.pixels / total
  }

  const data = new Uint8Array(tint.data.length).fill(255)
  regions.labels.forEach((label, pixel) => {
    if (isPainted(tint, pixel)) data.set(palette[chosen.get(label)!]!, 3 * pixel)
  })
  return { ...tint, data }

  function cheapest({ colour }: Area): number {
    const distances = colours.map((candidate) => deltaE76(colour, candidate))
    const nearest = Math.min(...distances)
    const costs = distances.map((distance, i) => distance + OFTEN * nearest * used[i]!)
    return costs.indexOf(Math.min(...costs))
  }
}

/** @throws RangeError for a palette without colours or with more than 16, and colours that are none. */
export function checkPalette(palette: readonly Rgb[], caller: string): void {
  if (palette.length === 0 || palette.length > MOST_COLOURS) {
    throw new RangeError(
      `${caller}: expected a palette of 1 to ${MOST_COLOURS} colours, got ${palette.length}. ` +
        (palette.length === 0 ? 'Leave it out, or name a colour.' : 'Keep the most important ones.'),
    )
  }
  const wrong = palette.findIndex(
    (colour) =>
      colour.length !== 3 || !colour.every((value) => Number.isInteger(value) && value >= 0 && value <= 255),
  )
  if (wrong >= 0) {
    throw new RangeError(
      `${caller}: expected colours of three whole numbers from 0 to 255, got ${JSON.stringify(palette[wrong])} ` +
        `(palette, colour ${wrong + 1}). Choose e.g. [230, 60, 40].`,
    )
  }
}

/** What is painted of each region, the largest first. */
function paintedAreas(tint: Picture, { labels, count }: Regions): Area[] {
  const pixels = new Uint32Array(count)
  const sums = new Float64Array(3 * count)
  labels.forEach((label, pixel) => {
    if (!isPainted(tint, pixel)) return
    pixels[label]!++
    for (let c = 0; c < 3; c++) sums[3 * label + c]! += tint.data[3 * pixel + c]!
  })
  const mean = (label: number, c: number) => Math.round(sums[3 * label + c]! / pixels[label]!)
  return Array.from(pixels, (n, label) => ({ label, pixels: n }))
    .filter(({ pixels }) => pixels > 0)
    .map((area) => ({
      ...area,
      colour: labOf(mean(area.label, 0), mean(area.label, 1), mean(area.label, 2)),
    }))
    .sort((a, b) => b.pixels - a.pixels)
}

function isPainted({ data }: Picture, pixel: number): boolean {
  return 255 - Math.min(data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!) >= PAINTED
}

function isLike(small: Area, large: Area): boolean {
  return large.pixels <= LIKE.area * small.pixels && deltaE76(small.colour, large.colour) <= LIKE.distance
}
