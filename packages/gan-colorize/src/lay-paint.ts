import { type FloatPicture, luma, type Picture } from '@dlkit/data'
import { between } from './between.js'

export interface LayPaintOptions {
  /** The region of each pixel of the tint: paint of other regions is not mixed in. Default: one region. */
  labels?: Int32Array
  /** From 0, no paint, to 1. Default 1. */
  strength?: number
  /** Pixels that are darker than this share beside the paper under them keep every byte. Default: none does. */
  ink?: { paper: FloatPicture; darkness: number }
}

/**
 * Lays transparent paint over a drawing of any size: `drawing · (1 − strength + strength · tint)`, the tint enlarged linearly
 * within its regions, row by row. Paper, tone and ink show through the paint; where there is none, every byte stays.
 *
 * @returns the painted picture; where the drawing has an opacity, what is painted is opaque.
 */
export function layPaint(
  drawing: Picture,
  tint: Picture,
  { labels, strength = 1, ink }: LayPaintOptions = {},
): Picture {
  const { width, height } = drawing
  const data = drawing.data.slice()
  const alpha = drawing.alpha?.slice()
  const columns = places(tint.width, width)
  const rows = places(tint.height, height)
  const isInk = ink && inkTest(drawing, ink)
  const weights = new Float32Array(4)
  const cells = new Int32Array(4)
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = [rows.before[y]! * tint.width, rows.after[y]! * tint.width, rows.share[y]!]
    if (isWhite(tint, top) && isWhite(tint, bottom)) continue
    isInk?.startRow(y)
    for (let x = 0; x < width; x++) {
      const [left, right, across] = [columns.before[x]!, columns.after[x]!, columns.share[x]!]
      cells[0] = top + left
      cells[1] = top + right
      cells[2] = bottom + left
      cells[3] = bottom + right
      weights[0] = (1 - down) * (1 - across)
      weights[1] = (1 - down) * across
      weights[2] = down * (1 - across)
      weights[3] = down * across
      let total = 1
      if (labels) {
        const label = labels[cells[(down < 0.5 ? 0 : 2) + (across < 0.5 ? 0 : 1)]!]!
        for (let i = 0; i < 4; i++) {
          if (labels[cells[i]!] === label) continue
          total -= weights[i]!
          weights[i] = 0
        }
      }
      const pixel = y * width + x
      let paint = 0
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let i = 0; i < 4; i++) sum += weights[i]! * tint.data[3 * cells[i]! + c]!
        paint = Math.max(paint, 1 - sum / (255 * total))
        if (sum < 255 * total) {
          const at = 3 * pixel + c
          data[at] = data[at]! * (1 - strength * (1 - sum / (255 * total))) + 0.5
        }
      }
      if (isInk?.holds(x)) for (let at = 3 * pixel; at < 3 * pixel + 3; at++) data[at] = drawing.data[at]!
      else if (alpha && paint * strength > 0.02) alpha[pixel] = 255
    }
  }
  return { ...drawing, data, ...(alpha && { alpha }) }
}

/** `between` as columns of numbers. */
function places(short: number, long: number) {
  const all = between(short, long)
  return {
    before: Int32Array.from(all, ({ before }) => before),
    after: Int32Array.from(all, ({ after }) => after),
    share: Float32Array.from(all, ({ share }) => share),
  }
}

function isWhite({ width, data }: Picture, start: number): boolean {
  for (let i = 3 * start; i < 3 * (start + width); i++) if (data[i] !== 255) return false
  return true
}

function inkTest(
  { width, height, data }: Picture,
  { paper, darkness }: { paper: FloatPicture; darkness: number },
) {
  const columns = places(paper.width, width)
  const rows = places(paper.height, height)
  const under = new Float32Array(paper.width)
  let from = 0
  return {
    startRow(y: number): void {
      from = y * width
      const [top, bottom, down] = [
        rows.before[y]! * paper.width,
        rows.after[y]! * paper.width,
        rows.share[y]!,
      ]
      for (let x = 0; x < under.length; x++) {
        under[x] = paper.data[top + x]! * (1 - down) + paper.data[bottom + x]! * down
      }
    },
    holds(x: number): boolean {
      const share = columns.share[x]!
      const white = under[columns.before[x]!]! * (1 - share) + under[columns.after[x]!]! * share
      const at = 3 * (from + x)
      return luma(data[at]!, data[at + 1]!, data[at + 2]!) < 255 * white * (1 - darkness)
    },
  }
}
