import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import envPaths from 'env-paths'

const magic = Buffer.from('DLKITPR1')
const digestLength = 32
// Node reads at most 2 GiB at once; larger sets are built anew each time.
const maximumBytes = 2 ** 31 - 2 ** 20

export interface CacheContent<Meta> {
  readonly meta: Meta
  readonly blobs: readonly Uint8Array[]
}

/** Where prepared pictures are kept unless the caller names a folder: the user's cache folder. */
export function defaultCacheDirectory(): string {
  return envPaths('dlkit', { suffix: '' }).cache
}

/** The file for a cache key, which is the SHA-256 of everything that the content depends on. */
export function cacheFile(directory: string, name: string, key: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex')
  return join(directory, `${name}-${digest.slice(0, 32)}.pairs`)
}

/** Reads a cache file; undefined if it is missing, cut short or damaged in any way. */
export async function readCache<Meta>(file: string): Promise<CacheContent<Meta> | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch {
    return undefined
  }
  const headerLength = magic.length + 4
  if (bytes.length < headerLength + digestLength || !bytes.subarray(0, magic.length).equals(magic))
    return undefined
  const end = bytes.length - digestLength
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest()
  if (!digest.equals(bytes.subarray(end))) return undefined
  // From here on the bytes are what writeCache wrote.
  const metaEnd = headerLength + bytes.readUInt32LE(magic.length)
  const { meta, lengths } = JSON.parse(bytes.toString('utf8', headerLength, metaEnd)) as {
    meta: Meta
    lengths: number[]
  }
  let from = metaEnd
  const blobs = lengths.map((length) => {
    from += length
    return new Uint8Array(bytes.buffer, bytes.byteOffset + from - length, length)
  })
  return { meta, blobs }
}

/**
 * Writes a cache file under a temporary name and renames it, so that another process sees the whole file or none.
 * Gives false, and leaves nothing behind, where the folder cannot be written: a cache is only a help.
 */
export async function writeCache<Meta>(file: string, { meta, blobs }: CacheContent<Meta>): Promise<boolean> {
  const lengths = blobs.map((blob) => blob.length)
  const json = Buffer.from(JSON.stringify({ meta, lengths }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const parts = [magic, length, json, ...blobs]
  if (parts.reduce((sum, part) => sum + part.length, digestLength) > maximumBytes) return false
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  const temporary = `${file}.${process.pid}-${randomUUID()}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(temporary, 'wx')
    try {
      for (const part of [...parts, hash.digest()]) await handle.writeFile(part)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    return true
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined)
    return false
  }
}
