import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DataError } from '../errors.js'

/**
 * The path of a file in an installed package, looked up from this file and then from the working directory.
 * Throws a DataError that says how to install the package.
 */
export function installedFile(file: string, caller: string, version: string): string {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'index.js'))]) {
    try {
      return createRequire(from).resolve(file)
    } catch {
      // Not installed there.
    }
  }
  const name = file.split('/', file.startsWith('@') ? 2 : 1).join('/')
  throw new DataError(
    `${caller}: expected the package '${name}' to be installed, got none. Run: npm install ${name}@${version}`,
  )
}
