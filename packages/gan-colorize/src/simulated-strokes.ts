import { between, type PairSet, type Random } from '@dlkit/data'
import { HINT_CHANNELS, type Hint, hintPlanes, hintRegions, strokePixels } from './hints.js'
import type { Regions } from './regions.js'

/** A part of a drawing that somebody would put a stroke on. */
interface Part {
  label: number
  /** Its pixels without lines. */
  pixels: number[]
}

/** Parts with fewer pixels, of 64 × 64, are left to the network. */
const SMALLEST = 6
const PAPER = 235

/** Strokes as a user would make them who has the artist's picture in mind, for the pairs of one set. */
export class SimulatedStrokes {
  private readonly known = new Map<number, { regions: Regions; parts: Part[] }>()

  constructor(private readonly set: PairSet) {}

  /**
   * Strokes on different parts of a drawing, the larger ones more likely first, then again on the same ones. Ground that the
   * artist left white gets none; a drawing of such ground alone has no strokes at all.
   */
  strokes(index: number, count: number, random: Random): Hint[] {
    const { regions, parts } = this.lookAt(index)
    const hints: Hint[] = []
    let left: Part[] = []
    while (hints.length < count && parts.length > 0) {
      if (left.length === 0) left = [...parts]
      const [part] = left.splice(drawByArea(left, random), 1)
      hints.push(this.stroke(index, part!, regions, random))
    }
    return hints
  }

  /** `hintPlanes` of so many strokes for each of the pairs, one after the other. */
  planes(indices: readonly number[], counts: readonly number[], random: Random): Float32Array {
    const length = this.set.size ** 2 * HINT_CHANNELS
    const all = new Float32Array(indices.length * length)
    indices.forEach((index, i) => {
      if (counts[i] === 0) return
      const hints = this.strokes(index, counts[i]!, random)
      all.set(hintPlanes(hints, this.lookAt(index).regions), i * length)
    })
    return all
  }

  private stroke(
    index: number,
    { label, pixels }: Part,
    { width, height, labels, ink }: Regions,
    random: Random,
  ): Hint {
    const { size, colour } = this.set
    const start = pixels[Math.floor(between(0, pixels.length, random))]!
    const [x, y] = [start % width, Math.floor(start / width)]
    const [length, angle] = [between(0, size / 6, random), between(0, 2 * Math.PI, random)]
    const points: [number, number][] = [[x + 0.5, y + 0.5]]
    for (let step = 1; step <= length; step++) {
      const [toX, toY] = [x + 0.5 + step * Math.cos(angle), y + 0.5 + step * Math.sin(angle)]
      const isInside = toX >= 0 && toY >= 0 && toX < width && toY < height
      if (!isInside || labels[Math.floor(toY) * width + Math.floor(toX)] !== label) break
      points[1] = [toX, toY]
    }
    const inPart = new Set(pixels)
    const openUnder = (brush: number) =>
      strokePixels({ points, width: brush, colour: [0, 0, 0] }, width, height).filter((p) => ink[p] === 0)
    let brush = between(1, 5, random) * (size / 64)
    while (brush > 0.5 && openUnder(brush).some((pixel) => !inPart.has(pixel))) brush /= 2 // keeps within the lines
    const under = openUnder(brush).filter((pixel) => inPart.has(pixel))
    const from = index * size * size
    const channel = (c: number) => median(under.map((pixel) => colour[3 * (from + pixel) + c]!))
    return { points, width: brush, colour: [channel(0), channel(1), channel(2)] }
  }

  private lookAt(index: number): { regions: Regions; parts: Part[] } {
    const known = this.known.get(index)
    if (known) return known
    const { size, line, colour } = this.set
    const pixels = size * size
    const light = line.subarray(index * pixels, (index + 1) * pixels)
    const regions = hintRegions({
      width: size,
      height: size,
      data: Float32Array.from(light, (byte) => byte / 255),
    })
    const parts = Array.from({ length: regions.count }, (_, label): Part => ({ label, pixels: [] }))
    const onBorder = new Set<number>()
    regions.labels.forEach((label, pixel) => {
      const [x, y] = [pixel % size, Math.floor(pixel / size)]
      if (x === 0 || y === 0 || x === size - 1 || y === size - 1) onBorder.add(label)
      if (light[pixel]! > 200) parts[label]!.pixels.push(pixel)
    })
    const isPaper = (pixel: number) => {
      const at = 3 * (index * pixels + pixel)
      return Math.min(colour[at]!, colour[at + 1]!, colour[at + 2]!) > PAPER
    }
    const isWhiteGround = ({ label, pixels }: Part) =>
      onBorder.has(label) && pixels.filter(isPaper).length > pixels.length / 2
    const smallest = SMALLEST * (size / 64) ** 2
    const seen = {
      regions,
      parts: parts.filter((part) => part.pixels.length >= smallest && !isWhiteGround(part)),
    }
    this.known.set(index, seen)
    return seen
  }
}

/** The index of a part, each as likely as it is large. */
function drawByArea(parts: readonly Part[], random: Random): number {
  const total = parts.reduce((sum, { pixels }) => sum + pixels.length, 0)
  let left = between(0, total, random)
  for (const [index, { pixels }] of parts.entries()) {
    left -= pixels.length
    if (left < 0) return index
  }
  return parts.length - 1
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 255
}
