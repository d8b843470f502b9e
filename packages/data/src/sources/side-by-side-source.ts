import { type Picture, saturatedArea } from '../pictures/picture.js'
import { readHeader } from '../pictures/read-header.js'
import { decodePicture } from '../pictures/read-picture.js'
import type { PictureSource } from './picture-source.js'
import { locationName, type PictureLocation, readLocation } from './read-location.js'

type Half = 'left' | 'right'

/** Pictures of a source that are looked at. */
const LOOKED_AT = 16
/** How many of them have to be pairs. */
const AGREE = 0.8
const SIDE = 128
/** Largest share of line art that has colour, and smallest of a coloured picture. */
const [GREY, COLOURED] = [0.005, 0.02]

/**
 * The half that holds the line art, where the pictures of a source are pairs side by side, twice as wide as high, as
 * pix2pix takes them: one half grey, the other coloured. Sixteen of them are looked at.
 */
export async function lineHalf(source: PictureSource): Promise<Half | undefined> {
  const { length } = source.samples
  const count = Math.min(LOOKED_AT, length)
  const votes = { left: 0, right: 0 }
  let seen = 0
  for (let i = 0; i < count; i++) {
    const { colour } = await source.pictures(Math.floor((i * length) / count))
    const half = await lineHalfOf(colour).catch(() => null)
    if (half === null) continue
    seen++
    if (half) votes[half]++
  }
  if (seen === 0) return undefined
  if (votes.left >= AGREE * seen) return 'left'
  return votes.right >= AGREE * seen ? 'right' : undefined
}

async function lineHalfOf(location: PictureLocation): Promise<Half | undefined> {
  const bytes = await readLocation(location)
  const { width, height } = await readHeader(bytes)
  if (Math.abs(width / height - 2) > 0.05) return undefined
  const read = (half: Half) => decodePicture(locationName(location), bytes, { inside: SIDE, half })
  const [left, right] = await Promise.all([read('left'), read('right')])
  const isGrey = ({ data }: Picture) => saturatedArea(data, 24) <= GREY
  const isColoured = ({ data }: Picture) => saturatedArea(data, 24) >= COLOURED
  if (isGrey(left) && isColoured(right)) return 'left'
  return isGrey(right) && isColoured(left) ? 'right' : undefined
}

/** The pictures of a source cut in two: line art in one half, the coloured picture in the other. */
export function sideBySideSource(source: PictureSource, line: Half): PictureSource {
  return {
    ...source,
    name: 'side-by-side',
    pictures: async (index) => {
      const { colour: of } = await source.pictures(index)
      return { line: { half: line, of }, colour: { half: line === 'left' ? 'right' : 'left', of } }
    },
  }
}
