import { access, constants, readdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Failure } from '../errors.js'

/**
 * Makes sure, before long work starts, that a folder can be made and written to. Writes nothing.
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
  await access(path, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`${folder}: cannot be written to (${error.code}: ${path})`)
  })
}

/** @returns true when there is anything at this path, except for an empty folder. */
export async function isTaken(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
