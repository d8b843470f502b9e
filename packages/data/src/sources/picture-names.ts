import { extname } from 'node:path'

const extensions = new Set(['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.gif', '.svg', '.avif'])

/** Whether a path ends like a picture's. */
export function isPictureName(path: string): boolean {
  return extensions.has(extname(path).toLowerCase())
}

/** Whether a path, or a folder in it, begins with a dot or is a Mac's copy of file attributes. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => /^\.(?!\.?$)|^__MACOSX$/.test(part))
}
