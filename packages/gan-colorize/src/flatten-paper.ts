import {
  type FloatPicture,
  gaussianBlur,
  greyPicture,
  maximumFilter,
  minimumFilter,
  type Picture,
  resizePicture,
} from '@dlkit/data'
import { between } from './between.js'

/** Pixels of the picture in which the paper is looked for. */
const PIXELS = 2 ** 15

/** A drawing beside its paper. */
export interface Sheet {
  /** How light each pixel is beside the paper under it: about 1 on paper, 0 on black ink. */
  flat: FloatPicture
  /** The paper, in [0, 1], at a small size. */
  paper: FloatPicture
}

/**
 * Tells a drawing from its paper, whatever the paper's tone and however unevenly it is lit. The paper is what remains when
 * strokes narrower than a fifth of the picture are closed.
 */
export async function flattenPaper(picture: Picture): Promise<Sheet> {
  const { width, height } = picture
  const scale = Math.min(1, Math.sqrt(PIXELS / (width * height)))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const small = await resizePicture(picture, side(width), side(height))
  const radius = Math.max(1, Math.round(Math.min(small.width, small.height) / 10))
  const tones = gaussianBlur(lightness(small), 1)
  const closed = minimumFilter(maximumFilter(tones, radius), radius)
  const floor = quantile(closed.data, 0.95) / 2 // a black sky is not the paper
  const paper = gaussianBlur(
    { ...closed, data: closed.data.map((x) => Math.max(x, floor, 1e-3)) },
    radius / 2,
  )

  const flat = lightness(picture)
  const columns = between(small.width, width)
  const rows = between(small.height, height, small.width)
  for (let y = 0; y < height; y++) {
    const { before: above, after: below, share: down } = rows[y]!
    for (let x = 0; x < width; x++) {
      const { before, after, share } = columns[x]!
      const row = (from: number) =>
        paper.data[from + before]! * (1 - share) + paper.data[from + after]! * share
      flat.data[y * width + x]! /= row(above) * (1 - down) + row(below) * down
    }
  }
  // Closing follows the lightest grain of the paper: its usual tone becomes 1.
  const tone = commonest(flat.data)
  for (let i = 0; i < flat.data.length; i++) flat.data[i]! /= tone
  return { flat, paper: { ...paper, data: paper.data.map((x) => x * tone) } }
}

/** Darkness of the darkest hundredth of a drawing, below which its lines are too thin or pale for the network. */
const FAINT = 0.6

/**
 * The same drawing as a network knows it, at the network's scale: ink as dark as print where it is pencil, lines not so
 * thin that they turn grey, and no grain of the paper.
 */
export async function asLineArt(flat: FloatPicture, width: number, height: number): Promise<FloatPicture> {
  const line = await darknessAt(flat, width, height)
  if (quantile(line, 0.99) >= FAINT) return asLight(line)
  const radius = Math.round(flat.width / width / 4)
  return asLight(radius === 0 ? line : await darknessAt(minimumFilter(flat, radius), width, height))

  function asLight(darkness: Float32Array): FloatPicture {
    const gain = Math.min(6, Math.max(1, 0.95 / Math.max(1e-3, quantile(darkness, 0.99))))
    return { width, height, data: darkness.map((x) => 1 - Math.min(1, x * gain)) }
  }
}

/** How dark each pixel of a smaller drawing is, in [0, 1]; grain of the paper is not. */
async function darknessAt(flat: FloatPicture, width: number, height: number): Promise<Float32Array> {
  const grain = 0.04
  const bytes = new Uint8Array(flat.data.length * 3)
  for (let i = 0; i < flat.data.length; i++) {
    const light = Math.min(1, flat.data[i]! / (1 - grain))
    bytes.fill(Math.round(255 * light), 3 * i, 3 * i + 3)
  }
  const whole = { width: flat.width, height: flat.height, data: bytes }
  const { data } = greyPicture(await resizePicture(whole, width, height))
  return Float32Array.from(data, (byte) => 1 - byte / 255)
}

/** Luma in [0, 1]. */
function lightness(picture: Picture): FloatPicture {
  const { width, height, data } = greyPicture(picture)
  return { width, height, data: Float32Array.from(data, (byte) => byte / 255) }
}

export function quantile(values: Float32Array, share: number): number {
  return values.slice().sort()[Math.floor(share * (values.length - 1))]!
}

/** The peak of the histogram of the light tones. */
function commonest(values: Float32Array): number {
  const [from, to, bins] = [0.75, 1.15, 80]
  const counts = new Uint32Array(bins)
  for (const value of values) {
    const bin = Math.floor(((value - from) / (to - from)) * bins)
    if (bin >= 0 && bin < bins) counts[bin]!++
  }
  const around = Array.from(counts, (n, i) => n + (counts[i - 1] ?? 0) + (counts[i + 1] ?? 0))
  const most = Math.max(...around)
  return most === 0 ? 1 : from + ((around.indexOf(most) + 0.5) / bins) * (to - from)
}
