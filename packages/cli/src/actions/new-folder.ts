import { mkdtemp, readdir, rmdir, stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { reasonOf } from '@dlkit/training/files'
import { Failure, UsageError } from '../errors.js'

/**
 * Makes sure, before long work starts, that a folder can be made and written to. Leaves nothing behind.
 *
 * @throws Failure naming the folder, and the part of the path that is in the way.
 */
export async function assertWritable(folder: string): Promise<void> {
  let path = resolve(folder)
  for (;;) {
    const found = await stat(path).catch(() => undefined)
    if (found && !found.isDirectory()) throw new Failure(`${folder}: cannot be made, ${path} is a file`)
    if (found) break
    path = dirname(path)
  }
  // Permissions do not tell: the disk may be full, or the system lets nobody make folders there, as in /proc.
  const probe = await mkdtemp(join(path, '.dlkit-')).catch((error: unknown) => {
    throw new Failure(`${folder}: cannot be written to (${path}: ${reasonOf(error)})`)
  })
  await rmdir(probe)
}

/** @returns true when there is anything at this path, except for an empty folder. */
export async function isTaken(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/**
 * Makes sure, before long work starts, that a file can be written.
 *
 * @throws UsageError for another extension; Failure naming what is in the way.
 */
export async function assertFileCanBeMade(file: string, extension: string): Promise<void> {
  if (extname(file).toLowerCase() !== extension)
    throw new UsageError(`--out: expected the name of a ${extension} file, got ${file}`)
  if ((await stat(file).catch(() => undefined))?.isDirectory())
    throw new Failure(`${file}: cannot be written, it is a folder. Choose another --out`)
  await assertWritable(dirname(file))
}
