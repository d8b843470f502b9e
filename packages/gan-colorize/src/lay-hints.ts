import type { Picture } from '@dlkit/data'
import { HINT_CHANNELS, type Hint, hintPlanes } from './hints.js'
import { groundOf, type Regions } from './regions.js'

/**
 * Lays strokes over a tint: what their lines enclose gets exactly their colours.
 *
 * @param tint of white paper. @param hints in pixels of the tint. @param regions of `withDividedGround`, of the tint's size.
 */
export function layHints(tint: Picture, hints: readonly Hint[], regions: Regions): Picture {
  const planes = hintPlanes(hints, regions)
  const data = tint.data.slice()
  for (let pixel = 0; pixel < data.length / 3; pixel++) {
    const at = pixel * HINT_CHANNELS
    if (planes[at + 3] === 0) continue
    for (let c = 0; c < 3; c++) data[3 * pixel + c] = Math.round((planes[at + c]! + 1) * 127.5)
  }
  return { ...tint, data }
}

/** What lines enclose is one region; the ground, with the figures whose outlines are open, falls into its parts. */
export function withDividedGround(enclosed: Regions, parts: Regions): Regions {
  const isGround = groundOf(enclosed)
  const labels = enclosed.labels.map((label, pixel) =>
    isGround[label] ? enclosed.count + parts.labels[pixel]! : label,
  )
  return { ...enclosed, labels, count: enclosed.count + parts.count }
}
