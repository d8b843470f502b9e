import { readdir, realpath, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { DataError } from '../errors.js'
import type { Skipped } from './picture-source.js'

const extensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.gif', '.svg', '.avif'])

export interface FoundPictures {
  /** Sorted, each once. */
  readonly files: string[]
  /** Folders that could not be opened. */
  readonly skipped: Skipped[]
}

/** Whether a path ends like a picture's. */
export function isPictureName(path: string): boolean {
  return extensions.has(extname(path).toLowerCase())
}

/** Whether a path, or a folder in it, begins with a dot or is a Mac's copy of file attributes. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => /^\.(?!\.?$)|^__MACOSX$/.test(part))
}

/**
 * The pictures among `paths`: files as they are, folders with all their subfolders. In folders a picture is known by
 * its extension (png, jpg, jpeg, webp, tif, tiff, gif, svg, avif); names that begin with a dot are passed over.
 * Links are followed, but no folder is entered twice. Sorted by name, each path once.
 * Throws a DataError for a path that does not exist.
 */
export async function listPictures(paths: readonly string[]): Promise<string[]> {
  return (await findPictures(paths)).files
}

/** As `listPictures`, and tells which subfolders could not be opened. */
export async function findPictures(paths: readonly string[]): Promise<FoundPictures> {
  const found = new Set<string>()
  const skipped: Skipped[] = []
  const entered = new Set<string>()

  async function enter(folder: string): Promise<void> {
    const real = await realpath(folder)
    if (entered.has(real)) return
    entered.add(real)
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(path)))
      if (!isFolder) {
        // A broken link with the name of a picture is listed as well: reading it tells what is wrong.
        if (isPictureName(entry.name)) found.add(path)
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
  return { files: [...found].sort(), skipped }
}

async function leadsToFolder(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isDirectory()
  } catch {
    return false
  }
}

/** The system's short name of an error, such as EACCES. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error'
}
