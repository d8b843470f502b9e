import type { PictureLimits } from '../pictures/picture-limits.js'
import { readPictureBytes } from '../pictures/read-picture.js'
import { readBookPage } from './book-pages.js'
import { readZipEntry, type ZipEntry } from './zip-entry.js'

/** Where the bytes of a picture file lie; plain data, so that it can be sent to a worker thread. */
export type PictureLocation =
  | { readonly file: string }
  | { readonly archive: string; readonly entry: ZipEntry }
  /** A page of a RAR archive or a PDF. */
  | { readonly book: string; readonly page: string }
  /** The left or right half of another picture. */
  | { readonly half: 'left' | 'right'; readonly of: PictureLocation }
  /** The text of an SVG. */
  | { readonly svg: string }
  /** A whole picture file in memory. */
  | { readonly name: string; readonly bytes: Uint8Array }

/** What errors call a picture. */
export function locationName(location: PictureLocation): string {
  if ('file' in location) return location.file
  if ('archive' in location) return `${location.archive}/${location.entry.path}`
  if ('book' in location) return `${location.book}/${location.page}`
  if ('half' in location) return `${locationName(location.of)} (${location.half} half)`
  return 'svg' in location ? 'SVG' : location.name
}

/** The bytes of a picture file. Throws a PictureError. */
export async function readLocation(location: PictureLocation, limits?: PictureLimits): Promise<Uint8Array> {
  if ('file' in location) return readPictureBytes(location.file, limits)
  if ('archive' in location) return readZipEntry(location.archive, location.entry, limits)
  if ('book' in location) return readBookPage(location.book, location.page, limits)
  if ('half' in location) return readLocation(location.of, limits)
  return 'svg' in location ? Buffer.from(location.svg) : location.bytes
}
