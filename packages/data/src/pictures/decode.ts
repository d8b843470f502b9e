import sharp from 'sharp'
import { PictureError } from '../errors.js'
import type { Picture, PictureHeader } from './picture.js'

export interface DecodeSettings {
  readonly pixels: number
  readonly longestSide: number
  readonly side: number
  readonly seconds: number
  readonly inside?: number | undefined
  readonly enlarge: boolean
  readonly half?: 'left' | 'right' | undefined
  readonly alpha?: boolean
}

// An SVG has no size in pixels; a small one is drawn so that its longer side has this many.
const svgSide = 512

/** Decodes in this process; `file` is only named in errors. Throws a PictureError. */
export async function decode(file: string, bytes: Uint8Array, settings: DecodeSettings): Promise<Picture> {
  const { pixels, longestSide, side, seconds, inside, enlarge, half, alpha = false } = settings
  const input = { failOn: 'error', limitInputPixels: pixels } as const
  try {
    const found = await sharp(bytes, input).metadata()
    const longest = Math.max(found.width, found.height)
    if (found.width * found.height > pixels) throw new PictureError(file, pixelReason(pixels))
    if (longest > longestSide) {
      throw new PictureError(
        file,
        `too large (${found.width}x${found.height}, at most ${longestSide} on a side)`,
      )
    }
    const isSvg = found.format === 'svg'
    // Drawn at the size that is asked for, or large enough.
    const drawnSide = inside ?? Math.max(longest, svgSide)
    const density = isSvg ? Math.max(1, Math.min(100_000, (72 * drawnSide) / longest)) : undefined
    if (!isSvg && Math.min(found.width, found.height) < side) {
      throw new PictureError(file, `too small (${found.width}x${found.height}, at least ${side}x${side})`)
    }
    let image = sharp(bytes, { ...input, ...(density && { density }) })
      .timeout({ seconds: Math.ceil(seconds) })
      .autoOrient()
    const isClear = alpha && !isSvg && found.hasAlpha && !(await sharp(bytes, input).stats()).isOpaque
    if (!isClear) image = image.flatten({ background: '#ffffff' })
    if (half) image = image.extract(halfOf(half, found.autoOrient))
    if (inside) image = image.resize(inside, inside, { fit: 'inside', withoutEnlargement: !enlarge })
    // Raw output is 8-bit sRGB unless told otherwise.
    if (isClear) image = image.toColourspace('srgb')
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    const bytesOfAll = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return {
      width: info.width,
      height: info.height,
      ...(isClear ? onWhite(bytesOfAll) : { data: bytesOfAll }),
      ...(found.density !== undefined && !isSvg && !inside && { density: found.density }),
    }
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(file, decoderReason(error as Error, settings), { cause: error })
  }
}

/** Reads a header in this process. Throws sharp's error for what is no picture. */
export async function header(bytes: Uint8Array): Promise<PictureHeader> {
  const { width, height, format, pages = 1 } = await sharp(bytes, { limitInputPixels: false }).metadata()
  return { width, height, format: format ?? 'unknown', bytes: bytes.length, pages }
}

/** The middle column of an odd width belongs to neither. */
function halfOf(half: 'left' | 'right', { width, height }: { width: number; height: number }) {
  const side = Math.max(1, Math.floor(width / 2))
  return { left: half === 'left' ? 0 : width - side, top: 0, width: side, height }
}

export const tooSlow = (seconds: number): string => `decoding took longer than ${seconds} s`

function decoderReason({ message }: Error, { pixels, seconds }: DecodeSettings): string {
  if (/pixel limit/i.test(message)) return pixelReason(pixels)
  if (/unsupported image format/i.test(message)) return 'not a picture in a known format'
  if (/timeout/i.test(message)) return tooSlow(seconds)
  return `damaged or unreadable picture (${message.split('\n')[0]})`
}

function pixelReason(pixels: number): string {
  return `too many pixels (at most ${pixels})`
}

/** What `[pixels, 4]` bytes look like on white, and how opaque they are. */
function onWhite(rgba: Uint8Array): Pick<Picture, 'data' | 'alpha'> {
  const pixels = rgba.length / 4
  const [data, alpha] = [new Uint8Array(3 * pixels), new Uint8Array(pixels)]
  for (let pixel = 0; pixel < pixels; pixel++) {
    const opacity = rgba[4 * pixel + 3]!
    alpha[pixel] = opacity
    for (let c = 0; c < 3; c++)
      data[3 * pixel + c] = 255 - Math.round(((255 - rgba[4 * pixel + c]!) * opacity) / 255)
  }
  return { data, alpha }
}
