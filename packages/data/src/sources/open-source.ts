import { stat } from 'node:fs/promises'
import { extname, relative } from 'node:path'
import { DataError } from '../errors.js'
import { archiveSource } from './archive-source.js'
import { folderSource } from './folder-source.js'
import { isList, listSource } from './list-source.js'
import { pairedFoldersSource } from './paired-folders-source.js'
import { type FolderPair, findPairedFolders } from './paired-layout.js'
import type { PictureSource } from './picture-source.js'
import { lineHalf, sideBySideSource } from './side-by-side-source.js'

/** A source of pictures, and what was recognized in it. */
export interface OpenedSource {
  readonly source: PictureSource
  /** What was recognized, and what stayed without a partner, in sentences. */
  readonly notes: readonly string[]
}

/** Names that a note shows. */
const SHOWN = 3

/**
 * The source that a path stands for: a ZIP or CBZ archive, a list (`.jsonl`, `.ndjson`, `.csv`, `.tsv`, `.parquet`), or
 * a folder. In a folder, line art beside colour is recognized (`line` and `colour`, `A` and `B`, `trainA` and `trainB`,
 * see `findPairedFolders`), and so are, in folders and archives, pairs side by side in one picture.
 *
 *
 * @throws {DataError} for anything else.
 */
export async function openSource(path: string): Promise<OpenedSource> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) {
    const pairs = await findPairedFolders(path)
    return pairs.length > 0 ? openPairedFolders(path, pairs) : openSideBySide(await folderSource(path))
  }
  if (found?.isFile()) {
    if (['.zip', '.cbz'].includes(extname(path).toLowerCase()))
      return openSideBySide(await archiveSource(path))
    if (isList(path)) return { source: await listSource(path), notes: [] }
  }
  const what = found === undefined ? 'no such file or folder' : 'something else'
  throw new DataError(
    `openSource: expected a folder, a ZIP or CBZ archive, or a list (.jsonl, .csv, .parquet), got "${path}" (${what}). ` +
      'Check the path.',
  )
}

async function openPairedFolders(path: string, pairs: readonly FolderPair[]): Promise<OpenedSource> {
  const sources = await Promise.all(pairs.map((pair) => pairedFoldersSource(pair)))
  const notes = pairs.map(({ line, colour }, i) => {
    const { samples, skipped } = sources[i]!
    const folders = `line art in ${relative(path, line)}, colour in ${relative(path, colour)}`
    return `Recognized ${counted(samples.length, 'pair')}: ${folders}${withoutPartner(skipped)}`
  })
  return { source: pairs.length === 1 ? sources[0]! : joined(path, pairs, sources), notes }
}

function withoutPartner(skipped: PictureSource['skipped']): string {
  const side = (missing: string) => skipped.filter(({ reason }) => reason.startsWith(`no ${missing} picture`))
  const list = (files: PictureSource['skipped'], what: string) => {
    const names = files.slice(0, SHOWN).map(({ file }) => file)
    if (files.length > SHOWN) names.push('…')
    return files.length === 0 ? [] : [`${files.length} in ${what} (${names.join(', ')})`]
  }
  const parts = [...list(side('colour'), 'line art only'), ...list(side('line'), 'colour only')]
  return parts.length === 0 ? '' : `; without a partner: ${parts.join(', ')}`
}

/** Several sources as one, each with the name of its folder in front of its ids. */
function joined(
  path: string,
  pairs: readonly FolderPair[],
  sources: readonly PictureSource[],
): PictureSource {
  const prefixes = pairs.map(({ colour }) => relative(path, colour))
  const places = sources.flatMap((source, i) => source.samples.map((_, index) => ({ source, index, i })))
  return {
    name: 'paired-folders',
    samples: places.map(({ source, index, i }) => {
      const sample = source.samples[index]!
      return { ...sample, id: `${prefixes[i]}/${sample.id}` }
    }),
    skipped: sources.flatMap(({ skipped }, i) =>
      skipped.map(({ file, reason }) => ({ file: `${prefixes[i]}/${file}`, reason })),
    ),
    pictures: (index) => places[index]!.source.pictures(places[index]!.index),
  }
}

async function openSideBySide(source: PictureSource): Promise<OpenedSource> {
  const half = await lineHalf(source)
  if (half === undefined) return { source, notes: [] }
  const other = half === 'left' ? 'right' : 'left'
  const note = `Recognized pictures that hold a pair: line art in the ${half} half, colour in the ${other}`
  return { source: sideBySideSource(source, half), notes: [note] }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
