import { channelsOf, type GreyPicture, type Picture } from './picture.js'

/** Options of `pictureGrid`. */
export interface PictureGridOptions {
  /** White pixels around and between the pictures. Default 4. */
  gap?: number
}

/**
 * Puts rows of equally sized pictures into one white sheet, for sample grids and reports.
 * One-channel pictures (line art) are drawn in grey. A short row leaves white cells at its end.
 *
 * @throws {RangeError} for no picture at all and for pictures of different sizes.
 */
export function pictureGrid(
  rows: readonly (readonly (Picture | GreyPicture)[])[],
  { gap = 4 }: PictureGridOptions = {},
): Picture {
  const first = rows.flat()[0]
  if (first === undefined) {
    throw new RangeError(
      `pictureGrid: expected at least one picture, got none (${rows.length} rows). Pass rows of pictures.`,
    )
  }
  if (!Number.isInteger(gap) || gap < 0) {
    throw new RangeError(`pictureGrid: expected gap to be a whole number from 0, got ${gap}. Choose e.g. 4.`)
  }
  const columns = Math.max(...rows.map((row) => row.length))
  const width = gap + columns * (first.width + gap)
  const height = gap + rows.length * (first.height + gap)
  const sheet = new Uint8Array(width * height * 3).fill(255)
  rows.forEach((row, rowIndex) => {
    row.forEach((picture, columnIndex) => {
      if (picture.width !== first.width || picture.height !== first.height) {
        throw new RangeError(
          `pictureGrid: expected pictures of one size, got ${picture.width}x${picture.height} ` +
            `(row ${rowIndex}, column ${columnIndex}; the first is ${first.width}x${first.height}). Resize them first.`,
        )
      }
      const left = gap + columnIndex * (first.width + gap)
      const top = gap + rowIndex * (first.height + gap)
      drawPicture(sheet, width, picture, left, top)
    })
  })
  return { width, height, data: sheet }
}

function drawPicture(
  sheet: Uint8Array,
  sheetWidth: number,
  picture: Picture | GreyPicture,
  left: number,
  top: number,
): void {
  const channels = channelsOf(picture, 'pictureGrid')
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const from = (y * picture.width + x) * channels
      const to = ((top + y) * sheetWidth + left + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        sheet[to + channel] = picture.data[from + (channels === 1 ? 0 : channel)]!
      }
    }
  }
}
