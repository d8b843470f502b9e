import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the library of a system is, by the names of Node. */
export const libraryOf = (platform, arch) =>
  fileURLToPath(new URL(`../dist/${platform}-${arch}/operators.node`, import.meta.url))

/** The library of this system; `undefined` where it was not compiled for it. */
export function library() {
  const path = libraryOf(process.platform, process.arch)
  return existsSync(path) ? path : undefined
}
