import { open, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, relative, resolve, sep } from 'node:path'
import {
  archiveSource,
  bookSource,
  DataError,
  findPictures,
  isBook,
  isZip,
  locationName,
  type PictureLocation,
  safeStem,
} from '@dlkit/data'
import { reasonOf } from '@dlkit/training/files'

export interface Skipped {
  file: string
  reason: string
}

export interface Input {
  location: PictureLocation
  /** Where it lies below the output folder, with its own extension. */
  place: string
}

/**
 * The pictures among files, folders, archives (ZIP, CBZ, CBR) and PDFs, each once by whatever path it is named. What is in the
 * only folder or archive keeps its place in it; of several, each keeps its name as a folder, too. Earlier results in an
 * output folder below a searched one are passed over.
 */
export async function findInputs(
  paths: readonly string[],
  out: string,
): Promise<{ inputs: Input[]; skipped: Skipped[] }> {
  const skipped: Skipped[] = []
  const found = new Map<string, Input>()
  const roots = new Map<string, string>()
  const add = async (location: PictureLocation, place: string) => {
    const entry = 'archive' in location ? location.entry.path : 'book' in location ? location.page : ''
    const file = containerOf(location) ?? locationName(location)
    const identity = `${await realpath(file).catch(() => resolve(file))}\0${entry}`
    if (!found.has(identity)) found.set(identity, { location, place })
  }

  async function addFolder(folder: string): Promise<void> {
    const below = await placeOf(folder, basename(resolve(folder)))
    const { files, archives, skipped: left } = await findPictures([folder])
    const isOurs = (file: string) => !isResult(file, folder, out)
    skipped.push(...left.filter(({ file }) => isOurs(file)))
    for (const file of files.filter(isOurs)) await add({ file }, join(below, relative(folder, file)))
    for (const file of archives.filter(isOurs)) {
      await addArchive(file, join(below, stemOf(relative(folder, file))))
    }
    if (files.length + archives.length + left.length === 0) {
      skipped.push({ file: folder, reason: 'no pictures in this folder' })
    }
  }

  async function addArchive(archive: string, below: string): Promise<void> {
    const source = (await isZipFile(archive)) ? archiveSource(archive) : bookSource(archive)
    const { samples, pictures, skipped: left } = await source
    skipped.push(...left.map(({ file, reason }) => ({ file: `${archive}/${file}`, reason })))
    for (const [index, { id }] of samples.entries())
      await add((await pictures(index)).colour, join(below, ...id.split('/').map(safeStem)))
    if (samples.length + left.length === 0)
      skipped.push({ file: archive, reason: 'no pictures in this archive' })
  }

  /** The folder of an argument below the output folder; of two with one name the second gets a number. */
  async function placeOf(path: string, name: string): Promise<string> {
    if (!isOneOfSeveral) return ''
    const real = await realpath(path)
    const known = roots.get(real)
    if (known !== undefined) return known
    let place = name
    for (let number = 2; [...roots.values()].includes(place); number++) place = `${name}-${number}`
    roots.set(real, place)
    return place
  }

  const containers = (await Promise.all(paths.map(containerAt))).filter((path) => path !== undefined)
  const isOneOfSeveral = new Set(containers).size > 1
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await addFolder(path)
      else if (await isArchive(path)) await addArchive(path, await placeOf(path, stemOf(basename(path))))
      else await add({ file: path }, basename(path))
    } catch (error) {
      skipped.push({ file: path, reason: whyNot(path, error) })
    }
  }
  return { inputs: [...found.values()], skipped }
}

const stemOf = (path: string): string => path.slice(0, path.length - extname(path).length)

function whyNot(path: string, error: unknown): string {
  const cause = error instanceof DataError ? error.cause : error
  if (path.includes('\uFFFD')) return 'its name is not UTF-8; rename it'
  return (cause as NodeJS.ErrnoException).code === undefined ? (cause as Error).message : reasonOf(cause)
}

/** The real path of a folder or an archive. */
async function containerAt(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() || (await isArchive(path)) ? await realpath(path) : undefined
  } catch {
    return undefined
  }
}

/** The archive or book that a picture lies in. */
export const containerOf = (location: PictureLocation): string | undefined =>
  'archive' in location ? location.archive : 'book' in location ? location.book : undefined

/** Pipes are not waited for. */
async function isArchive(path: string): Promise<boolean> {
  return (await stat(path)).isFile() && ((await isZipFile(path)) || (await isBook(path)))
}

async function isZipFile(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return isZip(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** Files of the output folder, when that is below the searched one. */
function isResult(file: string, searched: string, out: string): boolean {
  const below = resolve(out)
  return below.startsWith(resolve(searched) + sep) && resolve(file).startsWith(below + sep)
}
