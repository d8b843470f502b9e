import { dilationDifference } from '../line-art/dilation-difference.js'
import type { FloatPicture } from '../line-art/gaussian-blur.js'
import { minimumFilter } from '../line-art/neighbourhood.js'

/**
 * How well line art lies on its coloured picture: the share of its ink, 0 to 1, on or next to pixels of the coloured
 * picture that are as dark or lie at an edge. 1 where there is no ink. Both in [0, 1], 0 = black, fitted alike.
 */
export function registrationOf(line: FloatPicture, colour: FloatPicture): number {
  const width = Math.min(line.width, colour.width)
  const height = Math.min(line.height, colour.height)
  // Twice: an edge that is seen from its lighter side is a pixel away.
  const edges = minimumFilter(dilationDifference(colour, { block: 3, gain: 3 }), 1)
  const dark = minimumFilter(colour, 1)
  let ink = 0
  let covered = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const there = 1 - line.data[y * line.width + x]!
      const at = y * colour.width + x
      ink += there
      covered += Math.min(there, 1 - Math.min(edges.data[at]!, dark.data[at]!))
    }
  }
  return ink === 0 ? 1 : covered / ink
}
