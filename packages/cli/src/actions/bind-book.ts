import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, extname, relative, sep } from 'node:path'
import { type BookFormat, type BookPage, readLocation, writeBook } from '@dlkit/data'
import { Failure } from '../errors.js'
import type { ColorizeJob } from './plan-outputs.js'

/** Where the pages of a book wait until all of them are there. */
export const pagesFolder = (book: string): string => `${book}.pages`

/** @throws Failure when there is a book already, unless `force`. */
export async function assertNoBook(book: string, force: boolean): Promise<void> {
  const isThere = await stat(book).then(
    () => true,
    () => false,
  )
  if (isThere && !force)
    throw new Failure(`${book}: exists already. Choose another -o, or replace it with --force`)
}

/**
 * Puts the pages together in the order of their names, and removes their folder. A page that was not coloured goes in as it
 * was, with its own extension.
 *
 * @returns the names of pages that are not in the book, as a PDF cannot show them.
 */
export async function bindBook(
  book: string,
  format: BookFormat,
  jobs: readonly ColorizeJob[],
  isColoured: (job: ColorizeJob) => boolean,
): Promise<string[]> {
  const folder = pagesFolder(book)
  const pages: (BookPage & { input: string })[] = []
  for (const job of jobs) {
    const file = isColoured(job) ? job.output : await passThrough(job)
    if (file !== undefined)
      pages.push({ name: relative(folder, file).split(sep).join('/'), file, input: job.input })
  }
  pages.sort((a, b) => (a.name < b.name ? -1 : 1))
  const left = await writeBook(book, pages, format)
  await rm(folder, { recursive: true })
  return left.map(({ file }) => pages.find((page) => page.file === file)!.input)
}

/** The page as it was; undefined where it cannot even be copied. */
async function passThrough({ location, output }: ColorizeJob): Promise<string | undefined> {
  const name = 'file' in location ? location.file : 'archive' in location ? location.entry.path : output
  const file = output.slice(0, -extname(output).length) + extname(name)
  try {
    await mkdir(dirname(file), { recursive: true })
    if ('file' in location) await copyFile(location.file, file)
    else await writeFile(file, await readLocation(location))
    return file
  } catch {
    return undefined
  }
}
