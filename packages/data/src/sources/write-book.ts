import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import sharp from 'sharp'

/** A page of a book: its place, and the file of its picture. */
export interface BookPage {
  /** Its place in the book, with `/` between folders. */
  name: string
  file: string
}

/** Formats of books that `writeBook` writes. */
export type BookFormat = 'cbz' | 'pdf'

/** The kind of book that a file extension such as `.cbz` stands for. */
export const bookFormatOf = (path: string): BookFormat | undefined =>
  ({ '.cbz': 'cbz' as const, '.pdf': 'pdf' as const })[extname(path).toLowerCase()]

/** The same for all books, so that the same pages give the same bytes. */
const DAY = new Date(1980, 0, 1)
const POINTS_PER_INCH = 72
const DENSITY = 300

/**
 * Writes pages as a book, at once or not at all: a CBZ keeps their files as they are, a PDF shows them as JPEG. The same
 * pages give the same bytes.
 *
 * @returns pages that a PDF cannot show, which are left out.
 */
export async function writeBook(
  out: string,
  pages: readonly BookPage[],
  format: BookFormat,
): Promise<BookPage[]> {
  const unfinished = `${out}.unfinished`
  try {
    const left = await (format === 'cbz' ? writeCbz(unfinished, pages) : writePdf(unfinished, pages))
    await rename(unfinished, out)
    return left
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function writeCbz(out: string, pages: readonly BookPage[]): Promise<BookPage[]> {
  const { Zip, ZipPassThrough } = await import('fflate')
  const book = await open(out, 'w')
  try {
    let parts: Uint8Array[] = []
    const zip = new Zip((error, part) => {
      if (error) throw error
      parts.push(part)
    })
    const write = async () => {
      for (const part of parts) await book.write(part)
      parts = []
    }
    for (const { name, file } of pages) {
      const entry = new ZipPassThrough(name)
      entry.mtime = DAY
      zip.add(entry)
      entry.push(await readFile(file), true)
      await write()
    }
    zip.end()
    await write()
    return []
  } finally {
    await book.close()
  }
}

async function writePdf(out: string, pages: readonly BookPage[]): Promise<BookPage[]> {
  const { PDFDocument } = await import('pdf-lib')
  const pdf = await PDFDocument.create({ updateMetadata: false })
  pdf.setCreationDate(DAY)
  pdf.setModificationDate(DAY)
  const left: BookPage[] = []
  for (const page of pages) {
    try {
      const image = sharp(await readFile(page.file), { failOn: 'error' })
      const { density = DENSITY } = await image.metadata()
      const jpeg = await image
        .autoOrient()
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
        .toBuffer()
      const picture = await pdf.embedJpg(jpeg)
      const { width, height } = picture.scale(POINTS_PER_INCH / density)
      pdf.addPage([width, height]).drawImage(picture, { x: 0, y: 0, width, height })
    } catch {
      left.push(page)
    }
  }
  await writeFile(out, await pdf.save())
  return left
}
