import type { Picture } from '@dlkit/data'
import { ssim } from 'ssim.js'
import { deltaE76, deltaE2000, labOf } from './lab.js'

/** How near pictures are to the artist's, mean over the pictures. */
export interface Quality {
  /** Peak signal-to-noise ratio in dB; 100 stands for identical pictures. */
  psnr: number
  /** Structural similarity of the luminance (Wang et al. 2004). */
  ssim: number
  /** Mean distance of the pixels' colours in CIELAB (CIE 1976). */
  deltaE76: number
  /** The same by CIEDE2000. */
  deltaE2000: number
  /** Mean chroma in CIELAB of what the artist left white; 0 where no paint crosses a line. */
  bleeding: number
}

/** Adds up the quality of pictures. */
export class QualityMeter {
  private count = 0
  private readonly sum: Quality = { psnr: 0, ssim: 0, deltaE76: 0, deltaE2000: 0, bleeding: 0 }

  add(picture: Picture, target: Picture): void {
    this.count++
    const { sum } = this
    sum.psnr += psnr(picture, target)
    sum.ssim += structuralSimilarity(picture, target)
    const colours = colourDistances(picture, target)
    for (const measure of ['deltaE76', 'deltaE2000', 'bleeding'] as const) sum[measure] += colours[measure]
  }

  result(): Quality {
    const mean = Object.entries(this.sum).map(([measure, sum]) => [measure, sum / Math.max(1, this.count)])
    return Object.fromEntries(mean) as Quality
  }
}

/** `10·log10(255² / mean squared error)` of two pictures of 8-bit values, at most 100 dB. */
export function psnr(picture: Picture, target: Picture): number {
  let squares = 0
  for (let i = 0; i < target.data.length; i++) squares += (picture.data[i]! - target.data[i]!) ** 2
  return Math.min(100, 10 * Math.log10(255 ** 2 / (squares / target.data.length)))
}

/** Mean SSIM of two pictures of at least 11×11 pixels with the 11×11 Gaussian window, on their luminance. */
export function structuralSimilarity(picture: Picture, target: Picture): number {
  return ssim(withAlpha(picture), withAlpha(target), { ssim: 'fast', downsample: false }).mssim
}

/** Mean distances of the colours of two pictures, and mean chroma where the target is white. */
export function colourDistances(
  picture: Picture,
  target: Picture,
): Pick<Quality, 'deltaE76' | 'deltaE2000' | 'bleeding'> {
  const [p, t] = [picture.data, target.data]
  let [by76, by2000, onWhite, white] = [0, 0, 0, 0]
  for (let i = 0; i < t.length; i += 3) {
    const isWhite = Math.min(t[i]!, t[i + 1]!, t[i + 2]!) >= 250
    if (isWhite) white++
    if (p[i] === t[i] && p[i + 1] === t[i + 1] && p[i + 2] === t[i + 2]) continue
    const colour = labOf(p[i]!, p[i + 1]!, p[i + 2]!)
    const wanted = labOf(t[i]!, t[i + 1]!, t[i + 2]!)
    by76 += deltaE76(colour, wanted)
    by2000 += deltaE2000(colour, wanted)
    if (isWhite) onWhite += Math.hypot(colour[1], colour[2])
  }
  const pixels = Math.max(1, t.length / 3)
  return { deltaE76: by76 / pixels, deltaE2000: by2000 / pixels, bleeding: white === 0 ? 0 : onWhite / white }
}

function withAlpha({ width, height, data: rgb }: Picture) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++)
    data.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4)
  return { data, width, height }
}
