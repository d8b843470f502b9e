import { stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { DataError } from '../errors.js'
import { findPictures } from './list-pictures.js'
import type { PictureSource, Skipped, SourceSample } from './picture-source.js'

/** Options of `folderSource`. */
export interface FolderSourceOptions {
  /** The folder holds one sub-folder a class, whose name becomes the category. Default false: categories are folders. */
  classes?: boolean
}

/**
 * The pictures of a folder and all its subfolders (see `listPictures`). The category of a picture is the folder that
 * it lies in, or with `classes` the name of the first sub-folder; pictures outside of the sub-folders are skipped then.
 * Throws a DataError where the folder is missing.
 */
export async function folderSource(
  directory: string,
  { classes = false }: FolderSourceOptions = {},
): Promise<PictureSource> {
  const found = await findIds(directory, 'folderSource')
  const skipped = [...found.skipped]
  const samples: SourceSample[] = []
  for (const id of found.ids) {
    const category = classes ? id.slice(0, Math.max(0, id.indexOf('/'))) : dirname(id)
    if (category === '') skipped.push({ file: id, reason: 'not in the sub-folder of a class' })
    else samples.push({ id, category })
  }
  return {
    name: 'folder',
    samples,
    skipped,
    pictures: (index) => ({ colour: { file: join(directory, samples[index]!.id) } }),
  }
}

/** The pictures below a folder as paths inside it, with forward slashes on every system. */
export async function findIds(
  directory: string,
  caller: string,
): Promise<{ ids: string[]; skipped: Skipped[] }> {
  const isFolder = await stat(directory).then(
    (found) => found.isDirectory(),
    () => undefined,
  )
  if (!isFolder) {
    const what = isFolder === undefined ? 'no such folder' : 'not a folder'
    throw new DataError(
      `${caller}: expected a folder of pictures, got "${directory}" (${what}). Check the path.`,
    )
  }
  const { files, skipped } = await findPictures([directory])
  const idOf = (file: string): string => relative(directory, file).split(sep).join('/')
  return {
    ids: files.map(idOf),
    skipped: skipped.map(({ file, reason }) => ({ file: idOf(file), reason })),
  }
}
