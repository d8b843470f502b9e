import { readFile, stat } from 'node:fs/promises'
import { errorCode, PictureError } from '../errors.js'
import { decode } from './decode.js'
import { drawings } from './drawing-process.js'
import { drawingText, holdsPixels } from './drawing-text.js'
import type { Picture } from './picture.js'
import { defaultLimits, type PictureLimits } from './picture-limits.js'

/** Options of `readPicture`. */
export interface ReadPictureOptions {
  /** Pictures that are larger are refused. */
  limits?: PictureLimits | undefined
}

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

/** Options of `decodePicture`. */
export interface DecodeOptions extends ReadPictureOptions {
  /** Enlarges or shrinks the picture so that it just fits into a square of this side. */
  inside?: number
  /** Whether a smaller picture is enlarged. Default true. */
  enlarge?: boolean
  /** Decodes this half alone. */
  half?: 'left' | 'right' | undefined
  /** Whether the opacity of a picture with pixels is kept beside what it looks like on white. Default false. */
  alpha?: boolean
  /** Whether an SVG is known to be harmless, and may be drawn in this process. Default false. */
  trusted?: boolean
}

/**
 * Decodes the bytes of a picture file; `file` is only named in errors. What may be an SVG is drawn in another process,
 * which is ended after `limits.seconds`.
 *
 * @throws {PictureError} .
 */
export async function decodePicture(
  file: string,
  bytes: Uint8Array,
  { limits, inside, enlarge = true, half, alpha = false, trusted = false }: DecodeOptions = {},
): Promise<Picture> {
  const settings = { ...defaultLimits, ...limits, inside, enlarge, half, alpha }
  if (trusted || holdsPixels(bytes)) return decode(file, bytes, settings)
  const text = await drawingText(file, bytes)
  const answer = await drawings.ask(file, { bytes: text, settings }, settings.seconds)
  if ('picture' in answer) return answer.picture
  throw new PictureError(file, 'reason' in answer ? answer.reason : 'not a picture in a known format')
}
