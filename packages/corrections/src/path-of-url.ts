import { fileURLToPath } from 'node:url'

export const scheme = 'file://'

/** @throws {Error} when there is no path behind `file://`. */
export function pathOfUrl(url: string): string {
  const path = url.slice(scheme.length)
  if (path === '') throw new Error(`No path in "${url}". Name a folder, such as file://my-model.`)
  const isUrl = path.startsWith('/') && (path.includes('%') || process.platform === 'win32')
  return isUrl ? fileURLToPath(url) : path
}
