import { posix } from 'node:path'
import type { PictureLimits } from '../pictures/picture-limits.js'
import type { PictureSource, SourceSample } from './picture-source.js'
import { readZipDirectory } from './zip-directory.js'

/** Options of `archiveSource`. */
export interface ArchiveSourceOptions {
  /** Pictures that are larger are not read. */
  limits?: PictureLimits | undefined
}

/**
 * The pictures of a CBZ or ZIP archive, read one at a time straight from the archive: nothing is unpacked to disk.
 * The category of a picture is its folder. Entries that could do harm are skipped with the reason: absolute paths,
 * `..`, symbolic links, archives in the archive, encrypted ones, and sizes beyond `limits.bytes`.
 * Throws a DataError for a file that is no ZIP archive.
 */
export async function archiveSource(
  archive: string,
  { limits }: ArchiveSourceOptions = {},
): Promise<PictureSource> {
  const { entries, skipped } = await readZipDirectory(archive, limits)
  const samples = entries.map(({ path }): SourceSample => ({ id: path, category: posix.dirname(path) }))
  return {
    name: 'archive',
    samples,
    skipped,
    pictures: (index) => ({ colour: { archive, entry: entries[index]! } }),
  }
}
