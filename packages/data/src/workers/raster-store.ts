import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Picture } from '../pictures/picture.js'

/** Where decoded pictures are kept between epochs and runs, and how much room they may take. */
export interface RasterCacheOptions {
  directory: string
  /** Bytes that all files in the directory may take together. Default 10 GB. */
  bytes?: number
}

const defaultCacheBytes = 10e9
const magic = 0x444c5231
const headerLength = 16

/**
 * Decoded pictures in files named by the SHA-256 of what they were made from: the bytes of the picture file and the way
 * it was decoded. Equal files share one raster wherever they lie. A damaged file is made again; when the room is used up
 * nothing more is written.
 */
export class RasterStore {
  readonly #directory: string
  #room: number

  constructor(directory: string, room: number) {
    this.#directory = directory
    this.#room = room
  }

  /** The file for a picture; `how` is everything besides its bytes that the raster depends on. */
  fileFor(digest: string, how: string): string {
    const key = createHash('sha256').update(`${digest}\n${how}`).digest('hex')
    return join(this.#directory, key.slice(0, 2), `${key.slice(2, 34)}.raster`)
  }

  async read(file: string): Promise<Picture | undefined> {
    let bytes: Buffer
    try {
      bytes = await readFile(file)
    } catch {
      return undefined
    }
    if (bytes.length < headerLength || bytes.readUInt32LE(0) !== magic) return undefined
    const width = bytes.readUInt32LE(4)
    const height = bytes.readUInt32LE(8)
    const data = bytes.subarray(headerLength)
    if (data.length !== width * height * 3 || crc32(data) !== bytes.readUInt32LE(12)) return undefined
    return { width, height, data }
  }

  /** Writes under a temporary name and renames, so that others see the whole file or none. A full disk is no error. */
  async write(file: string, { width, height, data }: Picture): Promise<void> {
    const length = headerLength + data.length
    if (length > this.#room) return
    this.#room -= length
    const header = Buffer.alloc(headerLength)
    for (const [index, value] of [magic, width, height, crc32(data)].entries())
      header.writeUInt32LE(value, 4 * index)
    const temporary = `${file}.${randomUUID()}.tmp`
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(temporary, Buffer.concat([header, data]))
      await rename(temporary, file)
    } catch {
      this.#room += length
      await rm(temporary, { force: true }).catch(() => undefined)
    }
  }
}

/** Bytes that may still be written into a cache folder. */
export async function roomIn({ directory, bytes = defaultCacheBytes }: RasterCacheOptions): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => [])
  let used = 0
  for (const name of names) {
    if (name.endsWith('.raster'))
      used += (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0
  }
  return Math.max(0, bytes - used)
}
