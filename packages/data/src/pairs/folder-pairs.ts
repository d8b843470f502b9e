import { constants } from 'node:buffer'
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, relative, sep } from 'node:path'
import sharp from 'sharp'
import { DataError, PictureError } from '../errors.js'
import { saturatedArea } from '../pictures/picture.js'
import { decodePicture, type PictureLimits, readPictureBytes } from '../pictures/read-picture.js'
import { checkSeed, seededRandom, shuffled } from '../random.js'
import { findPictures } from '../sources/list-pictures.js'
import { groupPictures } from '../splits/look-alike-groups.js'
import { mapPictures, type ProgressOptions } from './map-pictures.js'
import { checkSize, hashSplits, type PairDataset, type PairSet, selectPairs } from './pair-set.js'
import { cacheFile, defaultCacheDirectory, readCache, writeCache } from './raster-cache.js'
import { type Extractor, type RasterPair, trainingPair, workScale } from './training-pair.js'

export interface FolderPairsOptions extends ProgressOptions {
  /** Height and width of the pairs in pixels, 16 to 1024. */
  size: number
  /** Chooses the split and how each picture's line art is drawn. Default 1. */
  seed?: number
  /** Where prepared pairs are kept between runs. Default: the user's cache folder. */
  cacheDirectory?: string | undefined
  /** How line art is drawn. Default 'mixed': XDoG for about 7 of 10 pictures, adaptive threshold for the others. */
  extractor?: Extractor
  limits?: PictureLimits | undefined
}

// Raise it when anything below changes what is computed from the same files.
const pipelineVersion = 1
const leastSide = 16
const longestAspect = 8
const leastInk = 0.002
// A picture is grey if less than 1 % of it has channels that differ by 24 of 255 (JPEG noise stays below).
const greyChroma = 24
const leastColouredArea = 0.01

interface Prepared {
  ids: string[]
  groups: string[]
  /** For each split the indices of its pictures. */
  split: number[][]
  skipped: { file: string; reason: string }[]
  notes: string[]
}

/**
 * Pairs from a folder of colour pictures and its subfolders (see `listPictures`): each picture is fitted into
 * `size x size` on white, whole and undistorted, and its line art is drawn with randomised parameters that depend on
 * the seed and the file's content only.
 *
 * Pictures that look alike form groups (equal files or line art, or a cosine from .95 between 16 x 16 maps of their
 * ink or of their lightness minus its mean, one of them mirrored or not). `train`, `validation` and `test` hold
 * about 80, 10 and 10 % of the pictures, by whole groups; train and validation are never empty. Where so many
 * pictures look alike that this gives no validation set, the rule is relaxed and `notes` says so.
 *
 * Files that cannot be used are listed in `skipped` with the reason: damaged, empty, too small or too large, grey,
 * without any line. Throws a DataError where the folder is missing or has fewer than two usable pictures.
 */
export async function folderPairs(directory: string, options: FolderPairsOptions): Promise<PairDataset> {
  const { size, seed = 1, cacheDirectory = defaultCacheDirectory(), extractor = 'mixed', limits } = options
  const { onProgress, signal } = options
  checkSize(size, 'folderPairs')
  checkSeed(seed, 'folderPairs')
  checkExtractor(extractor)
  signal?.throwIfAborted()
  const { files, skipped } = await findFolderPictures(directory, size)
  const sides = { side: leastSide, ...limits }
  const named = await mapPictures(files, (file) => hashPicture(directory, file, sides), { signal })
  const file = cacheFile(cacheDirectory, `folder-${size}`, [
    pipelineVersion,
    size,
    seed,
    extractor,
    sides,
    sharp.versions,
    named,
  ])
  const cached = await readCache<Prepared>(file)
  const content =
    cached ??
    (await prepareFolder(named, { directory, size, seed, extractor, limits: sides, onProgress, signal }))
  if (cached) onProgress?.(files.length, files.length)
  else await writeCache(file, content)

  const { meta, blobs } = content
  const categories = meta.ids.map((id) => dirname(id))
  const all: PairSet = {
    size,
    ids: meta.ids,
    groups: meta.groups,
    categories,
    line: blobs[0]!,
    colour: blobs[1]!,
  }
  const [train, validation, test] = meta.split.map((indices) => selectPairs(all, indices))
  const splits = { train: train!, validation: validation!, test: test! }
  return {
    name: 'folder',
    size,
    hash: hashSplits(splits),
    ...splits,
    skipped: [...skipped, ...meta.skipped].sort((a, b) => (a.file < b.file ? -1 : 1)),
    notes: meta.notes,
  }
}

function checkExtractor(extractor: string): void {
  if (extractor !== 'xdog' && extractor !== 'adaptive' && extractor !== 'mixed') {
    throw new RangeError(
      `folderPairs: expected extractor to be one of xdog, adaptive, mixed, got ${JSON.stringify(extractor)}. ` +
        "Choose 'mixed'.",
    )
  }
}

async function findFolderPictures(directory: string, size: number) {
  const isFolder = await stat(directory).then(
    (found) => found.isDirectory(),
    () => undefined,
  )
  if (!isFolder) {
    const what = isFolder === undefined ? 'no such folder' : 'not a folder'
    throw new DataError(
      `folderPairs: expected a folder of colour pictures, got "${directory}" (${what}). Check the path.`,
    )
  }
  const { files, skipped } = await findPictures([directory])
  if (files.length === 0) {
    throw new DataError(
      `folderPairs: expected colour pictures, got none (in "${directory}" and its subfolders). ` +
        'Add png, jpeg, webp, tiff, gif, svg or avif files.',
    )
  }
  if (files.length * size * size * 3 > constants.MAX_LENGTH) {
    throw new DataError(
      `folderPairs: expected a set that fits into memory, got ${files.length} pictures at size ${size}. ` +
        'Choose a smaller size or fewer pictures.',
    )
  }
  const short = (file: string): string => idOf(directory, file)
  return { files, skipped: skipped.map(({ file, reason }) => ({ file: short(file), reason })) }
}

/** The path inside the folder, with forward slashes on every system. */
function idOf(directory: string, file: string): string {
  return relative(directory, file).split(sep).join('/')
}

type NamedPicture = { id: string; file: string; digest: string } | { id: string; reason: string }

async function hashPicture(directory: string, file: string, limits: PictureLimits): Promise<NamedPicture> {
  const id = idOf(directory, file)
  try {
    const digest = createHash('sha256')
      .update(await readPictureBytes(file, limits))
      .digest('hex')
    return { id, file, digest }
  } catch (error) {
    return { id, reason: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof PictureError) return error.reason
  return error instanceof Error ? error.message : String(error)
}

interface PrepareArgs extends ProgressOptions {
  directory: string
  size: number
  seed: number
  extractor: Extractor
  limits: PictureLimits
}

async function prepareFolder(named: readonly NamedPicture[], args: PrepareArgs) {
  const { directory, size, seed, extractor, limits, onProgress, signal } = args
  const skipped: { file: string; reason: string }[] = []
  const results = await mapPictures(
    named,
    async (picture) => {
      const { id } = picture
      if ('reason' in picture) {
        skipped.push({ file: id, reason: picture.reason })
        return undefined
      }
      try {
        const random = seededRandom(seed, `line art of ${picture.digest}`)
        const pair = await preparePicture(picture.file, { size, extractor, limits, random })
        return { id, digest: picture.digest, pair }
      } catch (error) {
        skipped.push({ file: id, reason: reasonOf(error) })
        return undefined
      }
    },
    { onProgress, signal },
  )
  const usable = results.filter((result) => result !== undefined)
  if (usable.length < 2) throw tooFew(directory, named.length, usable.length, skipped)

  const { groups, split, notes } = await groupPictures(
    usable.map(({ id, digest, pair }) => ({ id, digest, category: dirname(id), ...pair })),
    { size, seed, signal },
  )
  const random = seededRandom(seed, 'order')
  const pixels = size * size
  const line = new Uint8Array(usable.length * pixels)
  const colour = new Uint8Array(usable.length * pixels * 3)
  usable.forEach(({ pair }, index) => {
    line.set(pair.line, index * pixels)
    colour.set(pair.colour, index * pixels * 3)
  })
  const meta: Prepared = {
    ids: usable.map(({ id }) => id),
    groups,
    split: split.map((indices) => shuffled(indices, random)),
    skipped,
    notes,
  }
  return { meta, blobs: [line, colour] }
}

interface PreparePictureArgs {
  size: number
  extractor: Extractor
  limits: PictureLimits
  random: ReturnType<typeof seededRandom>
}

async function preparePicture(file: string, args: PreparePictureArgs): Promise<RasterPair> {
  const { size, extractor, limits, random } = args
  const bytes = await readPictureBytes(file, limits)
  const picture = await decodePicture(file, bytes, { limits, inside: size * workScale })
  const { width, height, data } = picture
  if (Math.max(width, height) > longestAspect * Math.min(width, height)) {
    throw new PictureError(file, `too long and narrow (more than ${longestAspect} times as long as wide)`)
  }
  if (saturatedArea(data, greyChroma) < leastColouredArea) {
    throw new PictureError(file, 'grey only (less than 1 % of it has colour)')
  }
  const pair = trainingPair(picture, size, extractor, random)
  const ink = pair.line.reduce((sum, value) => sum + 255 - value, 0) / (255 * pair.line.length)
  if (ink < leastInk) throw new PictureError(file, 'no lines found in it')
  return pair
}

function tooFew(
  directory: string,
  files: number,
  usable: number,
  skipped: { file: string; reason: string }[],
) {
  const shown = skipped.slice(0, 3).map(({ file, reason }) => `${file}: ${reason}`)
  if (skipped.length > shown.length) shown.push(`${skipped.length - shown.length} more`)
  return new DataError(
    `folderPairs: expected at least 2 usable colour pictures, got ${usable} (of ${files} in "${directory}"` +
      `${shown.length > 0 ? `; ${shown.join('; ')}` : ''}). Add colour pictures.`,
  )
}
