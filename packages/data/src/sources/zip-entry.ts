import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import { PictureError } from '../errors.js'
import { defaultLimits, type PictureLimits } from '../pictures/picture-limits.js'

/** Where one file lies in a ZIP archive. */
export interface ZipEntry {
  readonly path: string
  /** Position of the local header in the archive. */
  readonly offset: number
  readonly compressedSize: number
  readonly size: number
  readonly deflated: boolean
  readonly crc32: number
}

const inflate = promisify(inflateRaw)
const localHeaderLength = 30
const localHeaderSignature = 0x04034b50

/** Whether bytes are the beginning of a ZIP archive that holds a file. */
export function isZip(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes
  return byteLength >= 4 && new DataView(buffer, byteOffset).getUint32(0, true) === localHeaderSignature
}

/**
 * Reads one file of a ZIP archive into memory, never more than `limits.bytes`, and checks its length and CRC-32.
 * Throws a PictureError.
 */
export async function readZipEntry(
  archive: string,
  entry: ZipEntry,
  limits?: PictureLimits,
): Promise<Uint8Array> {
  const name = `${archive}/${entry.path}`
  const { bytes: most } = { ...defaultLimits, ...limits }
  const { size, compressedSize } = entry
  if (Math.max(size, compressedSize) > most) {
    throw new PictureError(name, `file too large (${Math.max(size, compressedSize)} bytes, at most ${most})`)
  }
  try {
    const packed = await readPacked(archive, entry)
    const content = entry.deflated ? await inflate(packed, { maxOutputLength: Math.max(1, size) }) : packed
    if (content.length !== size || crc32(content) !== entry.crc32) {
      throw new PictureError(name, 'damaged archive entry (its length or checksum is wrong)')
    }
    return content
  } catch (error) {
    if (error instanceof PictureError) throw error
    throw new PictureError(name, `damaged archive entry (${(error as Error).message})`, { cause: error })
  }
}

async function readPacked(archive: string, { offset, compressedSize }: ZipEntry): Promise<Buffer> {
  const handle = await open(archive)
  try {
    const header = Buffer.alloc(localHeaderLength)
    const { bytesRead } = await handle.read(header, 0, header.length, offset)
    if (bytesRead < header.length || !isZip(header)) {
      throw new Error('no local header')
    }
    const start = offset + localHeaderLength + header.readUInt16LE(26) + header.readUInt16LE(28)
    // The archive is asked first: a declared size must not make room for what is not there.
    const { size: archiveSize } = await handle.stat()
    if (start + compressedSize > archiveSize) throw new Error('cut short')
    const packed = Buffer.alloc(compressedSize)
    const read = await handle.read(packed, 0, packed.length, start)
    if (read.bytesRead < packed.length) throw new Error('cut short')
    return packed
  } finally {
    await handle.close()
  }
}
