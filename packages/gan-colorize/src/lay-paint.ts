import type { Picture } from '@dlkit/data'
import { between } from './between.js'

/**
 * Lays transparent paint over a drawing of any size: `drawing · tint`, the tint enlarged linearly, row by row. Paper,
 * tone and ink show through the paint; where there is none, every byte stays.
 */
export function layPaint(drawing: Picture, tint: Picture): Picture {
  const { width, height } = drawing
  const data = drawing.data.slice()
  const row = new Float32Array(tint.width * 3)
  const columns = between(tint.width, width, 3)
  const befores = Uint32Array.from(columns, ({ before }) => before)
  const afters = Uint32Array.from(columns, ({ after }) => after)
  const shares = Float32Array.from(columns, ({ share }) => share)
  const rows = between(tint.height, height, row.length)
  for (let y = 0; y < height; y++) {
    const { before, after, share } = rows[y]!
    let isPainted = false
    for (let i = 0; i < row.length; i++) {
      const [a, b] = [tint.data[before + i]!, tint.data[after + i]!]
      row[i] = (a + share * (b - a)) / 255
      isPainted ||= row[i]! < 1
    }
    if (!isPainted) continue
    for (let x = 0, i = y * width * 3; x < width; x++) {
      for (let c = 0; c < 3; c++, i++) {
        const a = row[befores[x]! + c]!
        data[i] = data[i]! * (a + shares[x]! * (row[afters[x]! + c]! - a)) + 0.5
      }
    }
  }
  return { width, height, data }
}
