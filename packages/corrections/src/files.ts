import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Replaces a file at once: a reader, or a run after a crash, sees the old content or the new one, never a part.
 *
 * The data goes to a hidden file beside it, is flushed to the disk and renamed. On an error, such as a full disk, the old file
 * is untouched and the error of the file system is thrown; its `path` is always set. (A single `write` may store only a part of the data on a
 * nearly full disk and report success; `writeFileSync` goes on until all of it is stored or the disk says no.)
 *
 * @throws {Error} of the file system, with the path; the old file is as it was.
 */
export function replaceFile(path: string, data: string | Uint8Array): void {
  const unfinished = unfinishedPath(path)
  try {
    writeAndSync(unfinished, data)
    renameSync(unfinished, path)
  } catch (error) {
    if (existsSync(unfinished)) rmSync(unfinished)
    throw Object.assign(error as Error, { path })
  }
  syncFolder(dirname(path))
}

/**
 * Short whatever the length of the name, and never the name of a user's file. The same for every try, so that what a
 * killed process left is replaced.
 */
function unfinishedPath(path: string): string {
  const hash = createHash('sha256').update(basename(path)).digest('hex').slice(0, 16)
  return join(dirname(path), `.${hash}.saving`)
}

function writeAndSync(path: string, data: string | Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    writeFileSync(file, data)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A link, pipe or device where a file was to be. */
export class IrregularFileError extends Error {
  override readonly name = 'IrregularFileError'
  readonly code = 'EFTYPE'
}

/**
 * Opens a regular file, to be closed by the caller. A link is not followed, since it could lead anywhere on the machine,
 * and the writer of a pipe is not waited for.
 *
 * @param flags besides `O_RDONLY` or `O_RDWR` what `constants` of `node:fs` offers. @throws {IrregularFileError}
 */
export function openRegularFile(path: string, flags: number = constants.O_RDONLY): number {
  const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  let file: number
  try {
    file = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o666)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? irregular(path) : error
  }
  if (fstatSync(file).isFile()) return file
  closeSync(file)
  throw irregular(path)
}

const irregular = (path: string) =>
  Object.assign(new IrregularFileError('it is a link, a pipe or a folder, not a file'), { path })

/** The bytes of a regular file; see {@link openRegularFile}. */
export function readRegularFile(path: string): Buffer {
  const file = openRegularFile(path)
  try {
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Writes a new file and waits until it is on the disk. Throws when the file exists. */
export async function writeNewFile(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Flushes the entries of a folder to the disk, so that a new or renamed file survives a power cut.
 *
 * @throws {Error} of the file system, but where it cannot sync folders.
 */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return // Windows flushes folders itself and does not open them.
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } catch (error) {
    // Some network file systems cannot flush a folder.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    closeSync(folder)
  }
}
