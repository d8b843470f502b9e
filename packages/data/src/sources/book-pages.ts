import { open, readFile, stat } from 'node:fs/promises'
import { DataError, PictureError } from '../errors.js'
import { defaultLimits, type PictureLimits } from '../pictures/picture-limits.js'
import type { Book } from './book.js'
import { openPdf } from './pdf-pages.js'
import { openRar } from './rar-pages.js'

/** Files are read whole. */
const LARGEST = 2 ** 30

const kinds = [
  { name: 'RAR', start: 'Rar!', open: openRar },
  { name: 'PDF', start: '%PDF-', open: openPdf },
]

/** Whether a file is a RAR archive (CBR) or a PDF, by its first bytes. */
export const isBook = async (file: string): Promise<boolean> => (await kindOf(file)) !== undefined

/** The bytes of a page. Throws a PictureError. */
export async function readBookPage(file: string, page: string, limits?: PictureLimits): Promise<Uint8Array> {
  const name = `${file}/${page}`
  const { bytes: most } = { ...defaultLimits, ...limits }
  try {
    const bytes = await (await openBook(file)).read(page)
    if (bytes.length > most) throw new Error(`file too large (${bytes.length} bytes, at most ${most})`)
    return bytes
  } catch (error) {
    throw new PictureError(name, (error as Error).message, { cause: error })
  }
}

let opened: { key: string; book: Promise<Book> } | undefined

/** One book is kept open: its pages are read one after the other. */
export async function openBook(file: string): Promise<Book> {
  const { size, mtimeMs } = await stat(file)
  const key = `${file}\0${size}\0${mtimeMs}`
  if (opened?.key === key) return opened.book
  closeBook()
  const book = readBook(file, size)
  opened = { key, book }
  book.catch(() => closeBook())
  return book
}

function closeBook(): void {
  opened?.book.then(
    (book) => book.close(),
    () => {},
  )
  opened = undefined
}

async function readBook(file: string, size: number): Promise<Book> {
  const fail = (what: string, advice: string, cause?: unknown) =>
    new DataError(`openBook: expected a RAR archive or a PDF, got ${what} ("${file}"). ${advice}`, {
      cause,
    })
  const kind = await kindOf(file)
  if (!kind) throw fail('another file', 'Name a .cbr or .pdf file.')
  if (size > LARGEST) throw fail(`one of ${size} bytes`, `Split it: ${LARGEST} bytes are read at most.`)
  try {
    return await kind.open(await readFile(file))
  } catch (error) {
    throw fail(`a damaged or encrypted ${kind.name}`, `Save it anew (${(error as Error).message}).`, error)
  }
}

async function kindOf(file: string) {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    const start = buffer.toString('latin1', 0, bytesRead)
    return kinds.find((kind) => start.startsWith(kind.start))
  } finally {
    await handle.close()
  }
}
