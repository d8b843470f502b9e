import type { FloatPicture } from './gaussian-blur.js'
import { maximumFilter, minimumFilter } from './neighbourhood.js'

/** How much thicker and darker lines become. */
export interface LineStroke {
  /** From -1 (a pixel thinner on each side) to 1 (a pixel thicker); 0 leaves lines as they are. */
  readonly thickness: number
  /** How dark the ink is, from 0 (none) to 1 (as it was). */
  readonly darkness: number
}

/**
 * Changes the strokes of line art (0 = ink, 1 = paper): the drawing is mixed with its erosion, which thickens dark
 * lines, or its dilation, which thins them; then `1 - darkness (1 - value)`.
 *
 * @throws {RangeError} for values outside their range.
 */
export function restroke(line: FloatPicture, { thickness, darkness }: LineStroke): FloatPicture {
  if (!(Math.abs(thickness) <= 1 && darkness >= 0 && darkness <= 1)) {
    throw new RangeError(
      `restroke: expected thickness from -1 to 1 and darkness from 0 to 1, got thickness=${thickness}, ` +
        `darkness=${darkness}. Choose e.g. 0.3 and 0.8.`,
    )
  }
  const share = Math.abs(thickness)
  const other = share === 0 ? line : thickness > 0 ? minimumFilter(line, 1) : maximumFilter(line, 1)
  const data = line.data.map(
    (value, index) => 1 - darkness * (1 - (value + share * (other.data[index]! - value))),
  )
  return { width: line.width, height: line.height, data }
}
