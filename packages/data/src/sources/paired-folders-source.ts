import { dirname, extname, join } from 'node:path'
import { DataError } from '../errors.js'
import { findIds } from './folder-source.js'
import type { PictureSource, SamplePictures, Skipped, SourceSample } from './picture-source.js'

/** Folders of pictures with equal names: line art and colour. */
export interface PairedFolders {
  /** The folder of line art. */
  line: string
  /** The folder of the coloured versions. */
  colour: string
  /** A folder with another picture of each subject, to take colours from. */
  reference?: string
}

/**
 * Pairs of pictures from folders with the same inner structure: `line/a/1.png` belongs to `colour/a/1.jpg`. A picture
 * without its partner is skipped, and so are pictures of one folder whose paths differ in the extension only.
 *
 * @throws {DataError} for a missing folder, and where nothing fits together.
 */
export async function pairedFoldersSource(folders: PairedFolders): Promise<PictureSource> {
  const sides = ['line', 'colour', ...(folders.reference === undefined ? [] : ['reference'])] as const
  const skipped: Skipped[] = []
  const found = new Map<string, Map<string, string>>()
  for (const side of sides as readonly (keyof PairedFolders)[]) {
    const directory = folders[side]!
    const { ids, skipped: unreadable } = await findIds(directory, 'pairedFoldersSource')
    skipped.push(...unreadable.map(({ file, reason }) => ({ file: join(directory, file), reason })))
    found.set(side, byStem(ids, directory, skipped))
  }
  const stems = [...new Set([...found.values()].flatMap((ids) => [...ids.keys()]))].sort()
  const samples: SourceSample[] = []
  for (const stem of stems) {
    const missing = [...found].filter(([, ids]) => !ids.has(stem)).map(([side]) => side)
    if (missing.length === 0) samples.push({ id: stem, category: dirname(stem) })
    else skipped.push({ file: stem, reason: `no ${missing.join(' and no ')} picture of this name` })
  }
  if (samples.length === 0) {
    throw new DataError(
      `pairedFoldersSource: expected pictures with equal names in all folders, got none (of ${stems.length} names; ` +
        `"${folders.line}", "${folders.colour}"). Give both pictures of a pair the same name.`,
    )
  }
  const locate = (side: keyof PairedFolders, stem: string) => ({
    file: join(folders[side]!, found.get(side)!.get(stem)!),
  })
  return {
    name: 'paired-folders',
    samples,
    skipped,
    pictures: (index): SamplePictures => {
      const stem = samples[index]!.id
      const pair = { line: locate('line', stem), colour: locate('colour', stem) }
      return folders.reference === undefined ? pair : { ...pair, reference: locate('reference', stem) }
    },
  }
}

/** Paths by what is left without their extension. */
function byStem(ids: readonly string[], directory: string, skipped: Skipped[]): Map<string, string> {
  const byStem = new Map<string, string>()
  for (const id of ids) {
    const stem = id.slice(0, id.length - extname(id).length)
    const other = byStem.get(stem)
    if (other === undefined) byStem.set(stem, id)
    else skipped.push({ file: join(directory, id), reason: `${other} has the same name` })
  }
  return byStem
}
