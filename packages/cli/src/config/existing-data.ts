import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../errors.js'
import { closest } from './closest.js'

const sources = ['openmoji']

/**
 * The data that was named, found before anything is loaded; a folder by its absolute path.
 *
 * @param option where it was named, e.g. `--data`. @param folder where a relative path starts.
 * @throws UsageError when there is no such data.
 */
export function existingData(data: string, option: string, folder = process.cwd()): string {
  if (sources.includes(data)) return data
  const path = resolve(folder, data)
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path
  const meant = closest(data, sources)
  throw new UsageError(
    `${option}: expected ${sources.join(', ')} or a folder, archive or list of pictures, got ${data} (no such file or folder)` +
      (meant === undefined ? '' : `; did you mean ${meant}?`),
  )
}
