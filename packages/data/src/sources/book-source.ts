import { posix } from 'node:path'
import { openBook } from './book-pages.js'
import type { PictureSource } from './picture-source.js'

/**
 * The pages of a CBR (RAR) or a PDF; those of a PDF are drawn at 300 dots per inch, at most 4,000 pixels long. The
 * category of a page is its folder. Throws a DataError for another file, and for one that is encrypted or damaged.
 */
export async function bookSource(file: string): Promise<PictureSource> {
  const { pages, skipped } = await openBook(file)
  return {
    name: 'book',
    samples: pages.map((id) => ({ id, category: posix.dirname(id) })),
    skipped,
    pictures: (index) => ({ colour: { book: file, page: pages[index]! } }),
  }
}
