import type { Picture } from '@dlkit/data'
import { groundOf, type Regions } from './regions.js'

/** Share of a region that one colour has at least, to be the colour of all of it. */
const CLEAR = 0.85
/** Largest difference of a channel within what counts as one colour. */
const ALIKE = 28
const BINS = 16

/**
 * Flat colours: a region of which one colour has 85 % takes it as a whole; the others, and the ground, keep the network's
 * shades. @param tint of white paper, of the regions' size.
 */
export function voteColours(tint: Picture, regions: Regions): Picture {
  const isGround = groundOf(regions)
  const pixelsOf = pixelsByRegion(regions)
  const data = tint.data.slice()
  for (let label = 0; label < regions.count; label++) {
    if (isGround[label]) continue
    const pixels = pixelsOf(label)
    const winner = clearWinner(tint.data, pixels)
    if (winner) for (const pixel of pixels) data.set(winner, 3 * pixel)
  }
  return { ...tint, data }
}

/** The mean of the pixels around the commonest colour, where they are enough. */
function clearWinner(data: Uint8Array, pixels: Int32Array): number[] | undefined {
  const counts = new Map<number, number>()
  const binOf = (at: number) => Math.floor((data[at]! * BINS) / 256)
  for (const pixel of pixels) {
    const bin = (binOf(3 * pixel) * BINS + binOf(3 * pixel + 1)) * BINS + binOf(3 * pixel + 2)
    counts.set(bin, (counts.get(bin) ?? 0) + 1)
  }
  let [commonest, most] = [0, 0]
  for (const [bin, count] of counts) if (count > most) [commonest, most] = [bin, count]
  const middle = [
    Math.floor(commonest / BINS ** 2),
    Math.floor(commonest / BINS) % BINS,
    commonest % BINS,
  ].map((bin) => ((bin + 0.5) * 256) / BINS)
  const sums = [0, 0, 0]
  let alike = 0
  for (const pixel of pixels) {
    if (middle.some((value, c) => Math.abs(data[3 * pixel + c]! - value) > ALIKE)) continue
    alike++
    for (let c = 0; c < 3; c++) sums[c]! += data[3 * pixel + c]!
  }
  return alike >= CLEAR * pixels.length && alike > 0 ? sums.map((sum) => Math.round(sum / alike)) : undefined
}

/** The pixels of each region, in one array. */
function pixelsByRegion({ labels, count }: Regions): (label: number) => Int32Array {
  const starts = new Int32Array(count + 1)
  for (const label of labels) starts[label + 1]!++
  for (let label = 0; label < count; label++) starts[label + 1]! += starts[label]!
  const next = starts.slice()
  const pixels = new Int32Array(labels.length)
  labels.forEach((label, pixel) => {
    pixels[next[label]!++] = pixel
  })
  return (label) => pixels.subarray(starts[label]!, starts[label + 1]!)
}
