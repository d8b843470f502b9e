import type { FloatPicture } from '@dlkit/data'
import { quantile } from './flatten-paper.js'

/** What the lines of a drawing enclose: the number of a region for every pixel, from 0. */
export interface Regions {
  width: number
  height: number
  labels: Int32Array
  count: number
  /** 1 where a line or black area is. */
  ink: Uint8Array
}

/** Radii of the balls in pixels of a picture of 2²⁰ pixels. Their sizes are how wide the gaps are that they bridge. */
const RADII: readonly number[] = [8, 3, 0]
/** Pixels that a region has at least, at the same size; crumbs go to their neighbours. */
const SMALLEST = 40

const UNKNOWN = -1
const LEFT_OVER = -3
const OUTSIDE = -2

/**
 * Trapped-ball segmentation (Zhang et al. 2009, "Vectorizing Cartoon Animations", section 4.1): a ball that rolls
 * through the paper cannot leave a region through a gap that is narrower than itself. Large balls first; what they
 * leave is for smaller ones. Lines belong to the nearest region, thick ink is a region of its own.
 *
 * @param drawing 1 is paper, 0 ink.
 * @param radii of the balls, the largest first, in pixels of a picture of 2²⁰ pixels.
 */
export function findRegions(drawing: FloatPicture, radii = RADII): Regions {
  const { width, height } = drawing
  const threshold = 0.35 * inkDarkness(drawing)
  const unit = Math.min(1, Math.sqrt((width * height) / 2 ** 20))
  const segmentation = new Segmentation(width, height)
  const isPaper = framed(drawing, (x) => Number(1 - x <= threshold))
  const isInk = framed(drawing, (x) => Number(1 - x > threshold))
  for (const radius of radii) segmentation.roll(isPaper, radius * unit, SMALLEST * unit ** 2)
  segmentation.roll(isInk, 4 * unit + 1, SMALLEST * unit ** 2)
  segmentation.fill()
  const ink = Uint8Array.from(drawing.data, (x) => Number(1 - x > threshold))
  return { ...segmentation.regions(), ink }
}

/** How dark the ink of a drawing is, in [0.15, 1]. */
export const inkDarkness = ({ data }: FloatPicture): number => Math.max(0.15, 1 - quantile(data, 0.005))

/** Which regions touch the border of the picture. */
export function groundOf({ width, height, labels, count }: Regions): Uint8Array {
  const touches = new Uint8Array(count)
  for (let x = 0; x < width; x++) touches[labels[x]!] = touches[labels[(height - 1) * width + x]!] = 1
  for (let y = 0; y < height; y++) touches[labels[y * width]!] = touches[labels[(y + 1) * width - 1]!] = 1
  return touches
}

/** A picture in a frame of zeros, one pixel wide, so that every pixel has four neighbours. */
function framed({ width, height, data }: FloatPicture, value: (x: number) => number): Uint8Array {
  const bytes = new Uint8Array((width + 2) * (height + 2))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bytes[(y + 1) * (width + 2) + x + 1] = value(data[y * width + x]!)
  }
  return bytes
}

class Segmentation {
  private readonly stride: number
  private readonly labels: Int32Array
  private readonly queue: Int32Array
  private count = 0

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.stride = width + 2
    this.labels = new Int32Array(this.stride * (height + 2)).fill(OUTSIDE)
    this.queue = new Int32Array(this.labels.length)
    for (let y = 1; y <= height; y++) {
      this.labels.fill(UNKNOWN, y * this.stride + 1, y * this.stride + 1 + width)
    }
  }

  /** Numbers the regions that a ball can move in, among what is open and belongs to no region yet. */
  roll(open: Uint8Array, radius: number, smallest: number): void {
    const { labels, queue } = this
    const distance = this.distanceToClosed(open)
    const hasRoom = (i: number) => labels[i] === UNKNOWN && distance[i]! > radius
    let end = 0
    for (let seed = 0; seed < labels.length; seed++) {
      if (!hasRoom(seed)) continue
      const label = this.count++
      labels[seed] = label
      const start = end
      let next = end
      queue[end++] = seed
      while (next < end) {
        for (const neighbour of this.neighbours(queue[next++]!)) {
          if (!hasRoom(neighbour)) continue
          labels[neighbour] = label
          queue[end++] = neighbour
        }
      }
      if (end - start >= smallest) continue
      for (const pixel of queue.subarray(start, end)) labels[pixel] = LEFT_OVER
      this.count--
      end = start
    }
    for (let i = 0; i < labels.length; i++) if (labels[i] === LEFT_OVER) labels[i] = UNKNOWN
    this.grow(end, Math.ceil(1.5 * radius), open) // the ball has room around its centre, and corners are filled
  }

  /** Gives what belongs to no region to the nearest one. */
  fill(): void {
    if (this.count === 0) this.labels[this.stride + 1] = this.count++
    let end = 0
    for (let i = 0; i < this.labels.length; i++) if (this.labels[i]! >= 0) this.queue[end++] = i
    this.grow(end, Number.POSITIVE_INFINITY)
  }

  regions(): Omit<Regions, 'ink'> {
    const { width, height, count } = this
    const labels = new Int32Array(width * height)
    for (let y = 0; y < height; y++) {
      const from = (y + 1) * this.stride + 1
      labels.set(this.labels.subarray(from, from + width), y * width)
    }
    return { width, height, labels, count }
  }

  /** Lets the first pixels of the queue grow by `steps` into what belongs to no region. */
  private grow(end: number, steps: number, open?: Uint8Array): void {
    const { labels, queue } = this
    let [next, last] = [0, end]
    for (let step = 0; step < steps && next < last; step++) {
      for (const stop = last; next < stop; next++) {
        for (const neighbour of this.neighbours(queue[next]!)) {
          if (labels[neighbour] !== UNKNOWN || (open && !open[neighbour])) continue
          labels[neighbour] = labels[queue[next]!]!
          queue[last++] = neighbour
        }
      }
    }
  }

  /** One array for all calls: what it holds is valid until the next one. */
  private readonly around = new Int32Array(4)
  private neighbours(pixel: number): Int32Array {
    this.around[0] = pixel - 1
    this.around[1] = pixel + 1
    this.around[2] = pixel - this.stride
    this.around[3] = pixel + this.stride
    return this.around
  }

  /** Distance to what is closed or taken, by steps of 1 and √2 (chamfer); the border of the picture is neither. */
  private distanceToClosed(open: Uint8Array): Float32Array {
    const { labels, stride } = this
    const distance = new Float32Array(labels.length).fill(Number.POSITIVE_INFINITY)
    for (let i = 0; i < labels.length; i++)
      if (labels[i] !== OUTSIDE && !(open[i] && labels[i] === UNKNOWN)) distance[i] = 0
    const sweep = (i: number, back: number) => {
      const straight = Math.min(distance[i - back]!, distance[i - back * stride]!)
      const diagonal = Math.min(distance[i - back * (stride + 1)]!, distance[i - back * (stride - 1)]!)
      distance[i] = Math.min(distance[i]!, straight + 1, diagonal + Math.SQRT2)
    }
    const [first, last] = [stride + 1, labels.length - stride - 2]
    for (let i = first; i <= last; i++) if (labels[i] !== OUTSIDE) sweep(i, 1)
    for (let i = last; i >= first; i--) if (labels[i] !== OUTSIDE) sweep(i, -1)
    return distance
  }
}
