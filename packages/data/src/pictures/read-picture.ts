import { readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import { PictureError } from '../errors.js'
import { errorCode } from '../sources/list-pictures.js'
import type { Picture } from './picture.js'
import { defaultLimits, type PictureLimits } from './picture-limits.js'

export interface ReadPictureOptions {
  limits?: PictureLimits | undefined
}

// An SVG has no size in pixels; a small one is drawn so that its longer side has this many.
const svgSide = 512

/**
 * Reads a picture file (png, jpeg, webp, tiff, gif, svg, avif) as 8-bit sRGB. Transparency is laid on white, CMYK,
 * grey and 16-bit pictures are converted, an EXIF orientation is applied, and of an animation or several pages the
 * first is read. An SVG is drawn with at least 512 pixels on its longer side and cannot load other files.
 * Throws a PictureError with a short reason for anything that cannot be read whole.
 */
export async function readPicture(file: string, { limits }: ReadPictureOptions = {}): Promise<Picture> {
  return decodePicture(file, await readPictureBytes(file, limits), { limits })
}

/** The bytes of a picture file, within `limits.bytes`. Throws a PictureError. */
export async function readPictureBytes(file: string, limits?: PictureLimits): Promise<Buffer> {
  const { bytes: most } = { ...defaultLimits, ...limits }
  try {
    const { size, ...found } = await statFile(file)
    if (!found.isFile) throw new PictureError(file, 'not a file')
    if (size === 0) throw new PictureError(file, 'empty file (0 bytes)')
    if (size > most) throw new PictureError(file, `file too large (${size} bytes, at most ${most})`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(file, systemReason(errorCode(error)), { cause: error })
  }
}

async function statFile(file: string): Promise<{ isFile: boolean; size: number }> {
  const found = await stat(file)
  return { isFile: found.isFile(), size: found.size }
}

function systemReason(code: string): string {
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  if (code === 'ELOOP') return 'a link that leads to itself'
  return `cannot be read (${code})`
}

export interface DecodeOptions extends ReadPictureOptions {
  /** Enlarges or shrinks the picture so that it just fits into a square of this side. */
  inside?: number
  /** Whether a smaller picture is enlarged. Default true. */
  enlarge?: boolean
}

/** Decodes the bytes of a picture file; `file` is only named in errors. Throws a PictureError. */
export async function decodePicture(
  file: string,
  bytes: Uint8Array,
  { limits, inside, enlarge = true }: DecodeOptions = {},
): Promise<Picture> {
  const { pixels, side, longestSide, seconds } = { ...defaultLimits, ...limits }
  const settings = { failOn: 'error', limitInputPixels: pixels } as const
  try {
    const found = await sharp(bytes, settings).metadata()
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
    let image = sharp(bytes, { ...settings, ...(density && { density }) })
      .timeout({ seconds })
      .autoOrient()
      .flatten({ background: '#ffffff' })
    if (inside) image = image.resize(inside, inside, { fit: 'inside', withoutEnlargement: !enlarge })
    // Raw output is 8-bit sRGB unless told otherwise.
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
      ...(found.density !== undefined && !isSvg && !inside && { density: found.density }),
    }
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(file, decoderReason(error as Error, pixels, seconds), { cause: error })
  }
}

function decoderReason({ message }: Error, pixels: number, seconds: number): string {
  if (/pixel limit/i.test(message)) return pixelReason(pixels)
  if (/unsupported image format/i.test(message)) return 'not a picture in a known format'
  if (/timeout/i.test(message)) return `decoding took longer than ${seconds} s`
  return `damaged or unreadable picture (${message.split('\n')[0]})`
}

function pixelReason(pixels: number): string {
  return `too many pixels (at most ${pixels})`
}
