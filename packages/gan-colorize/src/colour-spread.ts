import type { Picture } from '@dlkit/data'

/** How colourful pictures are, and how different their colours. */
export interface ColourSpread {
  /** Mean distance of the pixels from grey: 0 for grey pictures, 1 at most. */
  saturation: number
  /** How many hues there are: 0 when all colour is of one hue, 1 when the hues cancel each other out. */
  variety: number
  /** Distance of each picture's mean colour from that of all of them: 0 when all are tinted alike. */
  spread: number
}

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

  add({ data }: Picture): void {
    let [sumA, sumB] = [0, 0]
    for (let i = 0; i < data.length; i += 3) {
      const [red, green, blue] = [data[i]! / 255, data[i + 1]! / 255, data[i + 2]! / 255]
      const [a, b] = [red - green, (red + green) / 2 - blue]
      sumA += a
      sumB += b
      this.length += Math.hypot(a, b)
    }
    const pixels = data.length / 3
    this.pixels += pixels
    this.sum[0] += sumA
    this.sum[1] += sumB
    this.means.push([sumA / pixels, sumB / pixels])
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
    }
  }
}
