import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PictureError } from '../errors.js'

/** A drawing of a few kilobytes can pack gigabytes, and what draws it needs many times its length. */
const MOST_BYTES = 20_000_000

const unpack = promisify(gunzip)

const starts: readonly (readonly [offset: number, bytes: string])[] = [
  [0, '\x89PNG'],
  [0, '\xff\xd8\xff'],
  [0, 'GIF8'],
  [8, 'WEBP'],
  [4, 'ftyp'],
  [0, 'II*\0'],
  [0, 'MM\0*'],
  [0, 'II+\0'],
  [0, 'MM\0+'],
]

/** Whether a file begins like one that holds pixels. What does not may be an SVG: a program, for a decoder. */
export function holdsPixels(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  return starts.some(([offset, text]) => start.startsWith(text, offset))
}

/** The bytes of an SVG, unpacked where they are gzipped. Throws a PictureError when they are too many. */
export async function drawingText(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length > MOST_BYTES) throw new PictureError(file, tooLarge)
  if (!isPacked(bytes)) return bytes
  try {
    const text = await unpack(bytes, { maxOutputLength: MOST_BYTES })
    if (isPacked(text)) throw new PictureError(file, 'not a picture in a known format')
    return text
  } catch (error) {
    if (error instanceof PictureError) throw error
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new PictureError(file, isLarge ? tooLarge : 'not a picture in a known format', { cause: error })
  }
}

const tooLarge = `SVG too large (more than ${MOST_BYTES} bytes, unpacked)`

const isPacked = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
