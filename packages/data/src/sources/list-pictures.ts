import { open, readdir, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { DataError, errorCode } from '../errors.js'
import { holdsPixels } from '../pictures/drawing-text.js'
import { isPictureName } from './picture-names.js'
import type { Skipped } from './picture-source.js'

/** Pictures, too, but not for us. */
const otherExtensions = new Set(
  '.bmp .dib .psd .psb .heic .heif .jxl .jp2 .j2k .tga .ico .pcx .pbm .pgm .ppm .pnm .xcf .kra .clip .ora .eps .ai .cb7 .7z'.split(
    ' ',
  ),
)

/** What `findPictures` found, by path. */
export interface FoundPictures {
  /** Sorted, each once. */
  readonly files: string[]
  /** Archives and books (zip, cbz, cbr, rar, pdf), sorted, each once. */
  readonly archives: string[]
  /** Folders that could not be opened, and files that look like pictures and cannot be read. */
  readonly skipped: Skipped[]
}

/**
 * The pictures among `paths`: files as they are, folders with all their subfolders. In folders a picture is known by
 * its extension (png, jpg, jpeg, webp, tif, tiff, gif, svg, avif), or without one by its content; names that begin with
 * a dot are passed over.
 * Links are followed, but no folder is entered twice. Sorted by name, each path once.
 * Throws a DataError for a path that does not exist.
 */
export async function listPictures(paths: readonly string[]): Promise<string[]> {
  return (await findPictures(paths)).files
}

/**
 * As `listPictures`, and tells which subfolders and pictures of other formats are left out.
 *
 * @throws {DataError} when there is nothing at the path.
 */
export async function findPictures(paths: readonly string[]): Promise<FoundPictures> {
  const found = new Set<string>()
  const archives = new Set<string>()
  const skipped: Skipped[] = []
  const entered = new Set<string>()

  async function enter(folder: string): Promise<void> {
    const real = await realpath(folder)
    if (entered.has(real)) return
    entered.add(real)
    // Names are bytes; those that are no UTF-8 would lead to no file.
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      const name = entry.name.toString()
      if (name.startsWith('.')) continue
      const path = join(folder, name)
      if (!Buffer.from(name).equals(entry.name)) {
        skipped.push({ file: join(folder, escaped(entry.name)), reason: 'its name is not UTF-8; rename it' })
        continue
      }
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(path)))
      if (!isFolder) {
        // A broken link with the name of a picture is listed as well: reading it tells what is wrong.
        if (isPictureName(name) || (extname(name) === '' && (await holdsPicture(path)))) found.add(path)
        else if (/\.(zip|cbz|cbr|rar|pdf)$/i.test(name)) archives.add(path)
        else if (otherExtensions.has(extname(name).toLowerCase())) {
          skipped.push({ file: path, reason: 'format is not read; save it as PNG, or as CBZ' })
        }
        continue
      }
      try {
        await enter(path)
      } catch (error) {
        skipped.push({ file: path, reason: `folder cannot be opened (${errorCode(error)})` })
      }
    }
  }

  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await enter(path)
      else found.add(path)
    } catch (error) {
      const code = errorCode(error)
      const what =
        code === 'ENOENT' || code === 'ENOTDIR' ? 'no such file or folder' : `cannot be opened, ${code}`
      throw new DataError(
        `listPictures: expected a picture or a folder of pictures, got "${path}" (${what}). Check the path.`,
        { cause: error },
      )
    }
  }
  return { files: [...found].sort(), archives: [...archives].sort(), skipped }
}

/** The bytes of a name, with those that are no ASCII as `\\xe9`. */
function escaped(name: Buffer): string {
  const byte = (code: number) => (code < 0x80 ? String.fromCharCode(code) : `\\x${code.toString(16)}`)
  return [...name].map(byte).join('')
}

async function holdsPicture(path: string): Promise<boolean> {
  try {
    // A pipe would be waited for.
    if (!(await stat(path)).isFile()) return false
    const file = await open(path)
    try {
      const start = Buffer.alloc(16)
      await file.read(start, 0, start.length, 0)
      return holdsPixels(start)
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

async function leadsToFolder(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isDirectory()
  } catch {
    return false
  }
}
