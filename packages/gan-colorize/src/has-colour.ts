import { type FloatPicture, minimumFilter, type Picture, resizePicture } from '@dlkit/data'

/** Longest side of the picture in which colour is looked for. */
const SIDE = 256
const CHROMA = 30
const SHARE = 0.02

/**
 * Whether a picture has been coloured: at least 2 % of it lie in areas of colour. Coloured paper, coloured lines and
 * grey tones are not; the paper is taken to be what is light, and measured by its own colour.
 */
export async function hasColour(picture: Picture): Promise<boolean> {
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const small = await resizePicture(picture, side(picture.width), side(picture.height))
  const chroma = chromaBeside(small, paperColour(small))
  const areas = minimumFilter({ width: small.width, height: small.height, data: chroma }, 1)
  const coloured = areas.data.reduce((count, value) => count + Number(value >= CHROMA), 0)
  return coloured >= SHARE * areas.data.length
}

/** The median of each channel over the lightest quarter of the pixels. */
function paperColour({ data }: Picture): number[] {
  const pixels = Array.from({ length: data.length / 3 }, (_, i) => data.subarray(3 * i, 3 * i + 3))
  const light = (pixel: Uint8Array) => pixel[0]! + pixel[1]! + pixel[2]!
  const lightest = pixels.sort((a, b) => light(b) - light(a)).slice(0, Math.ceil(pixels.length / 4))
  return [0, 1, 2].map((c) => {
    const values = lightest.map((pixel) => pixel[c]!).sort((a, b) => a - b)
    return Math.max(1, values[Math.floor(values.length / 2)]!)
  })
}

/** Largest less smallest channel of each pixel, after the paper has been made white. */
function chromaBeside({ data }: Picture, paper: readonly number[]): FloatPicture['data'] {
  const white = Math.max(...paper)
  return Float32Array.from({ length: data.length / 3 }, (_, i) => {
    const balanced = paper.map((tone, c) => Math.min(255, (data[3 * i + c]! * white) / tone))
    return Math.max(...balanced) - Math.min(...balanced)
  })
}
