import { format } from '@dlkit/monitors/tools'
import type { RatePoint, RateSuggestions } from './rate-suggestions.js'

/** Pixels in rows from the top, 4 bytes each (RGBA): what `ImageData`, sharp or pngjs take. */
export interface Picture {
  width: number
  height: number
  pixels: Uint8ClampedArray
}

/** Places of a curve in a field of `columns × rows`; losses above twice the range of the falling part are cut off. */
function places(curve: readonly RatePoint[], columns: number, rows: number): [column: number, row: number][] {
  const losses = curve.map(({ loss }) => loss)
  const low = Math.min(...losses)
  const high = Math.min(Math.max(...losses), losses[0]! + Math.max(losses[0]! - low, 1e-12))
  const [first, last] = [Math.log(curve[0]!.rate), Math.log(curve.at(-1)!.rate)]
  return curve.map(({ rate, loss }) => [
    Math.round(((Math.log(rate) - first) / (last - first || 1)) * (columns - 1)),
    Math.round((1 - (Math.min(loss, high) - low) / (high - low || 1)) * (rows - 1)),
  ])
}

/** Loss over the logarithm of the rate, as lines of text; `v` marks the valley. */
export function ratePlot(curve: readonly RatePoint[], suggestions?: RateSuggestions): string {
  const [columns, rows] = [60, 12]
  const field = Array.from({ length: rows }, () => new Array<string>(columns).fill(' '))
  for (const [column, row] of places(curve, columns, rows)) field[row]![column] = '•'
  const index = curve.findIndex(({ rate }) => rate === suggestions?.valley)
  const [column, row] = places(curve, columns, rows)[index] ?? []
  if (column !== undefined && row !== undefined) field[row]![column] = 'v'
  const [first, last] = [format(curve[0]!.rate), format(curve.at(-1)!.rate)]
  const lines = field.map((line) => `│${line.join('').trimEnd()}`)
  return [...lines, `└${'─'.repeat(columns)}`, ` ${first}${last.padStart(columns - first.length)}`].join('\n')
}

const [WIDTH, HEIGHT] = [480, 240]
const [CURVE, MARK] = [
  [31, 119, 180],
  [214, 39, 40],
] as const

/** The same as a picture, white where nothing is drawn; a red line stands at the valley. */
export function ratePicture(curve: readonly RatePoint[], suggestions?: RateSuggestions): Picture {
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255)
  const dot = (x: number, y: number, colour: readonly number[]) => {
    if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT)
      pixels.set(colour, 4 * (Math.round(y) * WIDTH + Math.round(x)))
  }
  const points = places(curve, WIDTH, HEIGHT)
  const mark = points[curve.findIndex(({ rate }) => rate === suggestions?.valley)]
  if (mark) for (let y = 0; y < HEIGHT; y++) dot(mark[0], y, MARK)
  for (const [index, [x, y]] of points.entries()) {
    const [fromX, fromY] = points[Math.max(0, index - 1)]!
    const length = Math.max(1, Math.abs(x - fromX), Math.abs(y - fromY))
    for (let part = 0; part <= length; part++) {
      const [column, row] = [fromX + ((x - fromX) * part) / length, fromY + ((y - fromY) * part) / length]
      dot(Math.floor(column), Math.floor(row), CURVE)
      dot(Math.floor(column), Math.floor(row) + 1, CURVE)
    }
  }
  return { width: WIDTH, height: HEIGHT, pixels }
}
