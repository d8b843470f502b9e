import type { Book } from './book.js'
import { isHidden, isPictureName } from './picture-names.js'

/** Opens a RAR archive in memory; nothing is unpacked to disk. */
export async function openRar(file: Buffer): Promise<Book> {
  const { createExtractorFromData } = await import('node-unrar-js')
  const data = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer
  const extractor = await withoutListeners(() => createExtractorFromData({ data }))
  const headers = [...extractor.getFileList().fileHeaders].filter(({ flags }) => !flags.directory)
  if (headers.length === 0) throw new Error('no files in it')
  const paths = headers.map(({ name, flags }) => ({
    path: name.replaceAll('\\', '/'),
    name,
    isLocked: flags.encrypted,
  }))
  const pictures = paths.filter(({ path }) => isPictureName(path) && !isHidden(path))
  const reasonOf = ({ path, isLocked }: (typeof paths)[number]) =>
    isLocked
      ? 'encrypted'
      : path.startsWith('/') || path.split('/').includes('..')
        ? 'leads out of the archive'
        : undefined
  const names = new Map(pictures.filter((entry) => !reasonOf(entry)).map(({ path, name }) => [path, name]))
  return {
    pages: [...names.keys()].sort(),
    skipped: pictures.flatMap((entry) => {
      const reason = reasonOf(entry)
      return reason === undefined ? [] : [{ file: entry.path, reason }]
    }),
    async read(page) {
      const { files } = extractor.extract({ files: [names.get(page)!] })
      const [found] = [...files]
      if (!found?.extraction) throw new Error('damaged archive entry')
      return found.extraction
    },
    close() {},
  }
}

/** The library listens to errors of the whole process, and throws them again. */
async function withoutListeners<Result>(load: () => Promise<Result>): Promise<Result> {
  const events = ['uncaughtException', 'unhandledRejection']
  const before = events.map((event) => new Set(process.rawListeners(event)))
  const result = await load()
  for (const [i, event] of events.entries()) {
    for (const listener of process.rawListeners(event))
      if (!before[i]!.has(listener)) process.removeListener(event, listener as () => void)
  }
  return result
}
