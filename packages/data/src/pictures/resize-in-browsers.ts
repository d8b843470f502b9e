import { assertSize } from './assert-size.js'
import type { Picture } from './picture.js'

/** Zero crossings of the Lanczos kernel on each side of its peak. */
const LOBES = 3

/**
 * `resizePicture` without sharp: Lanczos along a side that shrinks, linear along one that grows. The aspect ratio is not
 * kept. It differs from sharp by a few levels at edges, as libvips averages pixels before it shrinks by more than a half and
 * places pixels otherwise when it grows.
 */
export async function resizePicture(picture: Picture, width: number, height: number): Promise<Picture> {
  assertSize(picture, width, height)
  const { data } = picture
  const rows = resample(data, { lines: picture.height, from: picture.width, to: width, step: 3 })
  const columns = resample(rows, { lines: 1, from: picture.height, to: height, step: 3 * width })
  return { width, height, data: Uint8Array.from(columns, (x) => Math.min(255, Math.max(0, Math.round(x)))) }
}

interface Axis {
  lines: number
  from: number
  to: number
  /** Numbers between a pixel and the next along the axis; all of them are resized. */
  step: number
}

/** Resizes `[lines, from, step]` to `[lines, to, step]`. */
function resample(values: ArrayLike<number>, { lines, from, to, step }: Axis): Float32Array {
  const resized = new Float32Array(lines * to * step)
  const taps = Array.from({ length: to }, (_, position) => tapsAt(position, from, to))
  for (let line = 0; line < lines; line++) {
    for (const [position, { first, weights }] of taps.entries()) {
      const out = (line * to + position) * step
      for (const [i, weight] of weights.entries()) {
        const at = (line * from + first + i) * step
        for (let k = 0; k < step; k++) resized[out + k]! += weight * values[at + k]!
      }
    }
  }
  return resized
}

/** Which pixels make up one of a resized line, and how much each counts; the weights add up to 1. */
function tapsAt(position: number, from: number, to: number): { first: number; weights: number[] } {
  const scale = Math.max(1, from / to)
  const [kernel, reach] = to < from ? [lanczos, LOBES * scale] : [triangle, 1]
  const centre = ((position + 0.5) * from) / to - 0.5
  const first = Math.max(0, Math.ceil(centre - reach))
  const last = Math.min(from - 1, Math.floor(centre + reach))
  const weights = Array.from({ length: last - first + 1 }, (_, i) => kernel((first + i - centre) / scale))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return { first, weights: weights.map((weight) => weight / sum) }
}

function lanczos(x: number): number {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const angle = Math.PI * x
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / angle ** 2
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x))
