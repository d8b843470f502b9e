/** An RGB picture: `data` holds `height * width * 3` bytes, row by row, 0 to 255. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** Pixels per inch, where the file says it. */
  readonly density?: number
  /** `height * width` bytes, 255 = opaque, where it was asked for: `data` is what the picture looks like on white. */
  readonly alpha?: Uint8Array
}

/** A one-channel picture such as line art: `height * width` bytes, 255 = paper, 0 = ink. */
export interface GreyPicture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** What a picture file says about itself. */
export interface PictureHeader {
  /** As in the file, before an EXIF orientation is applied. */
  readonly width: number
  readonly height: number
  /** png, jpeg, webp, tiff, gif, svg or heif (AVIF). */
  readonly format: string
  /** Size of the file. */
  readonly bytes: number
  /** Frames or pages. */
  readonly pages: number
}

/** The number of channels, 1 or 3, read from the length of `data`. Throws a RangeError for any other length. */
export function channelsOf(picture: Picture | GreyPicture, caller: string): 1 | 3 {
  const { width, height, data } = picture
  const pixels = width * height
  if (pixels > 0 && data.length === pixels) return 1
  if (pixels > 0 && data.length === pixels * 3) return 3
  throw new RangeError(
    `${caller}: expected width * height * 1 or 3 bytes, got ${data.length} bytes (width=${width}, height=${height}). ` +
      'Pass a whole RGB or one-channel picture.',
  )
}

/** Luma of an RGB picture, rounded to bytes: `0.299 R + 0.587 G + 0.114 B` (ITU-R BT.601). */
export function greyPicture(picture: Picture | GreyPicture): GreyPicture {
  const { width, height, data } = picture
  if (channelsOf(picture, 'greyPicture') === 1) return { width, height, data: data.slice() }
  const grey = new Uint8Array(width * height)
  for (let pixel = 0; pixel < grey.length; pixel++) {
    grey[pixel] = Math.round(luma(data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!))
  }
  return { width, height, data: grey }
}

/** Luma of one pixel, in the unit of its arguments (ITU-R BT.601). */
export function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue
}

/** The share of pixels, 0 to 1, whose largest and smallest channel differ by at least `chroma` of 255. */
export function saturatedArea(rgb: Uint8Array, chroma = 40): number {
  const pixels = rgb.length / 3
  let saturated = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    const red = rgb[3 * pixel]!
    const green = rgb[3 * pixel + 1]!
    const blue = rgb[3 * pixel + 2]!
    if (Math.max(red, green, blue) - Math.min(red, green, blue) >= chroma) saturated++
  }
  return pixels === 0 ? 0 : saturated / pixels
}
