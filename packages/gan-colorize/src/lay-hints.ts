import type { FloatPicture, Picture } from '@dlkit/data'
import { HINT_CHANNELS, type Hint, hintPlanes, hintRegions } from './hints.js'

/**
 * Lays strokes over a tint: what their lines enclose gets exactly their colours.
 *
 * @param tint of white paper. @param hints in pixels of the drawing. @param drawing of the tint's size, 1 is paper.
 */
export function layHints(tint: Picture, hints: readonly Hint[], drawing: FloatPicture): Picture {
  if (hints.length === 0) return tint
  const planes = hintPlanes(hints, hintRegions(drawing))
  const data = tint.data.slice()
  for (let pixel = 0; pixel < data.length / 3; pixel++) {
    const at = pixel * HINT_CHANNELS
    if (planes[at + 3] === 0) continue
    for (let c = 0; c < 3; c++) data[3 * pixel + c] = Math.round((planes[at + c]! + 1) * 127.5)
  }
  return { ...tint, data }
}
