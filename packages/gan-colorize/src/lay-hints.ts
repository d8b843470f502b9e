import type { FloatPicture, Picture } from '@dlkit/data'
import { HINT_CHANNELS, type Hint, hintPlanes, hintRegions } from './hints.js'
import { groundOf, type Regions } from './regions.js'

/**
 * Lays strokes over a tint: what their lines enclose gets exactly their colours.
 *
 * @param tint of white paper. @param hints in pixels of the drawing. @param drawing of the tint's size, 1 is paper.
 * @param enclosed the regions of the drawing.
 */
export function layHints(
  tint: Picture,
  hints: readonly Hint[],
  drawing: FloatPicture,
  enclosed: Regions,
): Picture {
  if (hints.length === 0) return tint
  const planes = hintPlanes(hints, withDividedGround(enclosed, hintRegions(drawing)))
  const data = tint.data.slice()
  for (let pixel = 0; pixel < data.length / 3; pixel++) {
    const at = pixel * HINT_CHANNELS
    if (planes[at + 3] === 0) continue
    for (let c = 0; c < 3; c++) data[3 * pixel + c] = Math.round((planes[at + c]! + 1) * 127.5)
  }
  return { ...tint, data }
}

/** What lines enclose is one region; the ground, with the figures whose outlines are open, falls into its parts. */
function withDividedGround(enclosed: Regions, parts: Regions): Regions {
  const isGround = groundOf(enclosed)
  const labels = enclosed.labels.map((label, pixel) =>
    isGround[label] ? enclosed.count + parts.labels[pixel]! : label,
  )
  return { ...enclosed, labels, count: enclosed.count + parts.count }
}
