import { maximumFilter, minimumFilter, type Picture } from '@dlkit/data'
import { between } from './between.js'
import type { PaintLayer } from './paint-layer.js'
import { groundOf, type Regions } from './regions.js'

/** How much darker than paper a tint is, in [0, 1], up to which it is no paint at all, and from which it is all paint. */
const [TRACE, PAINT] = [0.05, 0.14]
/** The same on the ground around the figures, where a network leaves haze. */
const [HAZE, COAT] = [0.2, 0.4]

/**
 * Enlarges paint to the size of the regions without crossing a line: linear interpolation in which only those of the
 * small pixels count that the region of the large pixel has a share in. Traces of paint go. Ground that is mostly paper
 * keeps only patches of strong paint, such as the hair of a figure whose outline is open.
 *
 * @returns the tint of white paper, of the regions' size.
 */
export function spreadPaint(paint: PaintLayer, regions: Regions): Picture {
  const { width, height, labels } = regions
  const shares = sharesOf(paint, regions)
  const columns = between(paint.width, width)
  const rows = between(paint.height, height, paint.width)
  const tint = new Float32Array(width * height * 3)
  const trust = new Float32Array(4) // of the four small pixels around, in the region at hand
  for (let y = 0; y < height; y++) {
    const { before: top, after: bottom, share: down } = rows[y]!
    for (let x = 0, known = -1; x < width; x++) {
      const { before: left, after: right, share: across } = columns[x]!
      const pixel = y * width + x
      const label = labels[pixel]!
      const cells = [top + left, top + right, bottom + left, bottom + right]
      const key = left * regions.count + label
      if (key !== known) {
        cells.forEach((cell, i) => {
          trust[i] = ((shares.get(cell * regions.count + label) ?? 0) + 1e-6) * paint.trust[cell]!
        })
        known = key
      }
      let total = 0
      for (let i = 0; i < 4; i++) {
        const weight = (i < 2 ? 1 - down : down) * (i % 2 === 0 ? 1 - across : across) * trust[i]!
        const cell = cells[i]!
        total += weight
        for (let c = 0; c < 3; c++) tint[3 * pixel + c]! += weight * paint.tint[3 * cell + c]!
      }
      for (let c = 0; c < 3; c++) tint[3 * pixel + c]! /= total
    }
  }
  const isGround = groundOf(regions)
  const patches = patchesOnGround(tint, regions, isGround, (0.8 * width) / paint.width)
  return { width, height, data: withoutTraces(tint, regions, isGround, patches) }
}

/** How many pixels of a region lie in a small pixel, by `cell · regions + label`. */
function sharesOf(paint: PaintLayer, { width, height, labels, count }: Regions): Map<number, number> {
  const shares = new Map<number, number>()
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * paint.height) / height) * paint.width
    for (let x = 0, start = 0; x < width; x = start) {
      const key = (at: number) =>
        (row + Math.floor((at * paint.width) / width)) * count + labels[y * width + at]!
      const run = key(x)
      for (start = x + 1; start < width && key(start) === run; ) start++
      shares.set(run, (shares.get(run) ?? 0) + start - x)
    }
  }
  return shares
}

const strengthAt = (tint: Float32Array, pixel: number): number =>
  1 - Math.min(tint[3 * pixel]!, tint[3 * pixel + 1]!, tint[3 * pixel + 2]!)

const smoothStep = (x: number, from: number, to: number): number => {
  const at = Math.min(1, Math.max(0, (x - from) / (to - from)))
  return at * at * (3 - 2 * at)
}

/**
 * How much of the paint on the ground is kept, in [0, 1]: patches of strong paint wider than `2 radius`, up to the lines
 * around them. What a coarse network paints across a line is narrower.
 */
function patchesOnGround(
  tint: Float32Array,
  regions: Regions,
  isGround: Uint8Array,
  radius: number,
): Float32Array {
  const { width, height, labels, ink } = regions
  const coat = Float32Array.from(labels, (label, pixel) =>
    isGround[label] && !ink[pixel] ? smoothStep(strengthAt(tint, pixel), HAZE, COAT) : 0,
  )
  const core = minimumFilter({ width, height, data: coat }, Math.max(1, Math.round(radius))).data
  const queue: number[] = []
  const reached = new Uint8Array(coat.length)
  const reach = (pixel: number) => {
    if (reached[pixel] || coat[pixel] === 0) return
    reached[pixel] = 1
    queue.push(pixel)
  }
  core.forEach((value, pixel) => {
    if (value > 0.5) reach(pixel)
  })
  for (let pixel = queue.pop(); pixel !== undefined; pixel = queue.pop()) {
    if (pixel % width > 0) reach(pixel - 1)
    if ((pixel + 1) % width > 0) reach(pixel + 1)
    if (pixel >= width) reach(pixel - width)
    if (pixel + width < coat.length) reach(pixel + width)
  }
  const kept = maximumFilter({ width, height, data: coat.map((x, pixel) => x * reached[pixel]!) }, 2).data
  return coat.map((x, pixel) => (reached[pixel] ? x : ink[pixel] ? kept[pixel]! : 0))
}

/**
 * Where a region is painted, its unpainted spots take its mean paint; regions with hardly any paint become paper, and
 * so does ground that is mostly paper, but for its patches.
 */
function withoutTraces(
  tint: Float32Array,
  regions: Regions,
  isGround: Uint8Array,
  patches: Float32Array,
): Uint8Array {
  const { labels, count } = regions
  const [pixels, painted] = [new Uint32Array(count), new Uint32Array(count)]
  const sums = new Float64Array(3 * count)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    pixels[label]!++
    if (strengthAt(tint, i) <= (TRACE + PAINT) / 2) continue
    painted[label]!++
    for (let c = 0; c < 3; c++) sums[3 * label + c]! += tint[3 * i + c]!
  }
  const share = Float64Array.from(pixels, (n, label) => painted[label]! / n)
  const under = (label: number, c: number) =>
    isGround[label] || share[label]! < 0.25 ? 1 : sums[3 * label + c]! / painted[label]!

  const bytes = new Uint8Array(tint.length).fill(255)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    const isPaper = share[label]! < (isGround[label] ? 0.5 : 0.05)
    if (isPaper && patches[i] === 0) continue
    const kept = isPaper ? patches[i]! : smoothStep(strengthAt(tint, i), TRACE, PAINT)
    for (let c = 0; c < 3; c++) {
      const paper = isPaper ? 1 : under(label, c)
      bytes[3 * i + c] = Math.round(255 * (paper + kept * (tint[3 * i + c]! - paper)))
    }
  }
  return bytes
}
