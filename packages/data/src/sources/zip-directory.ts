import { posix } from 'node:path'
import { type Entry, getFileNameLowLevel, openPromise } from 'yauzl'
import { DataError } from '../errors.js'
import { defaultLimits, type PictureLimits } from '../pictures/picture-limits.js'
import { isHidden, isPictureName } from './picture-names.js'
import type { Skipped } from './picture-source.js'
import type { ZipEntry } from './zip-entry.js'

const mostEntries = 1_000_000
const stored = 0
const deflated = 8
const fileTypeMask = 0o170000
const regularFile = 0o100000
const symbolicLink = 0o120000
const archiveExtensions = new Set([
  '.zip',
  '.cbz',
  '.rar',
  '.cbr',
  '.7z',
  '.cb7',
  '.tar',
  '.gz',
  '.tgz',
  '.epub',
])

/**
 * Lists the pictures of a ZIP archive from its directory. Nothing is unpacked; an entry that cannot be trusted is
 * skipped with the reason. Throws a DataError for a file that is no ZIP archive.
 */
export async function readZipDirectory(
  archive: string,
  limits?: PictureLimits,
): Promise<{ entries: ZipEntry[]; skipped: Skipped[] }> {
  const entries = new Map<string, ZipEntry>()
  const skipped: Skipped[] = []
  try {
    // Names are checked here, one by one: the library would end at the first bad one.
    const zip = await openPromise(archive, { decodeStrings: false, validateEntrySizes: false })
    try {
      if (zip.entryCount > mostEntries) {
        throw new Error(`${zip.entryCount} entries, at most ${mostEntries}`)
      }
      for await (const entry of zip.eachEntry()) {
        const path = nameOf(entry)
        if (path.endsWith('/') || isHidden(path)) continue
        const reason = unsafePath(path) ?? unusableEntry(entry, path, limits)
        if (reason === undefined && isPictureName(path)) {
          if (entries.has(path))
            skipped.push({ file: path, reason: 'the archive has another entry of this name' })
          else entries.set(path, locate(entry, path))
        } else if (reason !== undefined) skipped.push({ file: path, reason })
      }
    } finally {
      zip.close()
    }
  } catch (error) {
    throw new DataError(
      `archiveSource: expected a ZIP archive, got "${archive}" (${(error as Error).message}). Check the file.`,
      { cause: error },
    )
  }
  return { entries: [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), skipped }
}

function nameOf(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
}

function unsafePath(path: string): string | undefined {
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'absolute path in the archive'
  if (path.split('/').includes('..')) return 'path that leads out of the archive'
  if (path.includes('\0') || path !== posix.normalize(path)) return 'unusual path in the archive'
  return undefined
}

function unusableEntry(entry: Entry, path: string, limits?: PictureLimits): string | undefined {
  const { bytes: most } = { ...defaultLimits, ...limits }
  const type = (entry.externalFileAttributes >>> 16) & fileTypeMask
  if (type === symbolicLink) return 'symbolic link in the archive'
  if (archiveExtensions.has(posix.extname(path).toLowerCase())) return 'archive inside the archive'
  if (!isPictureName(path)) return undefined
  if (type !== 0 && type !== regularFile) return 'not a file'
  if (entry.isEncrypted()) return 'encrypted'
  const { compressionMethod, uncompressedSize, compressedSize } = entry
  if (compressionMethod !== stored && compressionMethod !== deflated) {
    return `packed with an unsupported method (${compressionMethod})`
  }
  const size = Math.max(uncompressedSize, compressedSize)
  if (size > most) return `file too large (${size} bytes, at most ${most})`
  return uncompressedSize === 0 ? 'empty file (0 bytes)' : undefined
}

function locate(entry: Entry, path: string): ZipEntry {
  return {
    path,
    offset: entry.relativeOffsetOfLocalHeader,
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    deflated: entry.compressionMethod === deflated,
    crc32: entry.crc32,
  }
}
