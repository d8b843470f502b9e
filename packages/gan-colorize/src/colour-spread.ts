import type { Picture } from '@dlkit/data'
import { type Lab, labOf } from './lab.js'

/** How colourful pictures are, and how different their colours. */
export interface ColourSpread {
  /** Mean distance of the pixels from grey: 0 for grey pictures, 1 at most. */
  saturation: number
  /** How many hues there are: 0 when all colour is of one hue, 1 when the hues cancel each other out. */
  variety: number
  /** Distance of each picture's mean colour from that of all of them: 0 when all are tinted alike. */
  spread: number
  /** Mean chroma of the pixels in CIELAB, 0 for grey. */
  chroma: number
  /** Entropy of the hues in nats, over 36 hues of 10 degrees, each pixel of chroma above 10 weighted by it; at most ln 36. */
  hueEntropy: number
  /** Mean colourfulness of the pictures: `σ + 0.3 μ` in the opponent plane, of bytes. */
  colourfulness: number
}

const HUES = 36
/** Below this chroma a hue is hardly seen. */
const GREY = 10

/**
 * Colours in the opponent plane red-green `a = R - G` and yellow-blue `b = (R + G) / 2 - B` (Hasler and Süsstrunk 2003,
 * "Measuring colorfulness in natural images", section 7), R, G and B in [0, 1]: its length is the distance from grey, its
 * direction the hue. `variety` is the circular variance of the hues (Mardia 1972), each pixel weighted by its distance.
 */
export class ColourStatistics {
  private pixels = 0
  private length = 0
  private readonly means: [a: number, b: number][] = []
  private readonly sum = [0, 0] as [a: number, b: number]
  private chroma = 0
  private readonly hues = new Float64Array(HUES)
  private colourfulness = 0

  add({ data }: Picture): void {
    let [sumA, sumB, squares] = [0, 0, 0]
    for (let i = 0; i < data.length; i += 3) {
      const [red, green, blue] = [data[i]! / 255, data[i + 1]! / 255, data[i + 2]! / 255]
      const [a, b] = [red - green, (red + green) / 2 - blue]
      sumA += a
      sumB += b
      squares += a * a + b * b
      this.length += Math.hypot(a, b)
      if (a !== 0 || b !== 0) this.addHue(labOf(data[i]!, data[i + 1]!, data[i + 2]!))
    }
    const pixels = data.length / 3
    this.pixels += pixels
    this.sum[0] += sumA
    this.sum[1] += sumB
    this.means.push([sumA / pixels, sumB / pixels])
    const mean = Math.hypot(sumA / pixels, sumB / pixels)
    this.colourfulness += 255 * (Math.sqrt(Math.max(0, squares / pixels - mean ** 2)) + 0.3 * mean)
  }

  private addHue([, a, b]: Lab): void {
    const chroma = Math.hypot(a, b)
    this.chroma += chroma
    if (chroma <= GREY) return
    const turns = Math.atan2(b, a) / (2 * Math.PI) + 0.5
    this.hues[Math.min(HUES - 1, Math.floor(turns * HUES))]! += chroma
  }

  result(): ColourSpread {
    const { length, pixels, means, sum } = this
    const count = means.length
    const centre = [0, 1].map((axis) => means.reduce((total, mean) => total + mean[axis]!, 0) / count)
    const squares = means.map(([a, b]) => (a - centre[0]!) ** 2 + (b - centre[1]!) ** 2)
    return {
      saturation: pixels === 0 ? 0 : length / pixels,
      variety: length === 0 ? 0 : Math.max(0, 1 - Math.hypot(...sum) / length),
      spread: count === 0 ? 0 : Math.sqrt(squares.reduce((total, square) => total + square, 0) / count),
      chroma: pixels === 0 ? 0 : this.chroma / pixels,
      hueEntropy: entropy(this.hues),
      colourfulness: count === 0 ? 0 : this.colourfulness / count,
    }
  }
}

function entropy(weights: Float64Array): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.reduce(
    (sum, weight) => (weight === 0 ? sum : sum - (weight / total) * Math.log(weight / total)),
    0,
  )
}
