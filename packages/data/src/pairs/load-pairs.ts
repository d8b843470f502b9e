import { constants } from 'node:buffer'
import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { DataError, reasonOf } from '../errors.js'
import { checkLineArt, type Extractor, type LineJitter } from '../line-art/random-line-art.js'
import type { PictureLimits } from '../pictures/picture-limits.js'
import { checkSeed, seededRandom, shuffled } from '../random.js'
import type { PictureSource, SamplePictures, Skipped, SourceSample } from '../sources/picture-source.js'
import { readLocation } from '../sources/read-location.js'
import { lockTest } from '../splits/locked-splits.js'
import { groupPairs } from '../splits/look-alike-groups.js'
import { checkShares, defaultShares, type SplitShares } from '../splits/split-names.js'
import { mapPictures, type ProgressOptions } from '../workers/map-pictures.js'
import { defaultWorkers, WorkerPool } from '../workers/worker-pool.js'
import { checkSize, hashSplits, type PairDataset, type PairSet, selectPairs } from './pair-set.js'
import { trainingLimits } from './prepare-pair.js'
import { cacheFile, defaultCacheDirectory, readCache, writeCache } from './raster-cache.js'
import type { RasterPair } from './raster-pair.js'

/** Options of `loadPairs`. */
export interface LoadPairsOptions extends ProgressOptions {
  /** Height and width of the pairs in pixels, 16 to 1024. */
  size: number
  /** Chooses the split and how each picture's line art is drawn. Default 1. */
  seed?: number
  /** How much each split gets. Default 0.7, 0.2 and 0.1 for train, validation and test. */
  shares?: SplitShares
  /** How line art is drawn where the source has none. Default 'mixed': by several methods, chosen per picture. */
  extractor?: Extractor
  /** How much the strokes of line art change at random. Default: not at all. */
  jitter?: LineJitter
  /** Pictures that are larger are not read. */
  limits?: PictureLimits | undefined
  /** Where prepared pairs are kept between runs. Default: the user's cache folder. */
  cacheDirectory?: string | undefined
  /** Worker threads; 0 works in the main thread. Default: as many as the machine runs at once, none for a few pictures. */
  workers?: number
}

// Raise it when anything below changes what is computed from the same files.
const pipelineVersion = 2

interface Prepared {
  ids: string[]
  groups: string[]
  categories: string[]
  /** For each split the indices of its pictures. */
  split: number[][]
  skipped: Skipped[]
  notes: string[]
}

type Settings = Required<Omit<LoadPairsOptions, 'cacheDirectory' | keyof ProgressOptions>>

/**
 * Loads all pairs of a source into memory: each picture is fitted into `size x size` on white, whole and undistorted,
 * and where the source has no line art, it is drawn with randomised parameters that depend on the seed and the
 * sample's id only.
 *
 * Pictures that look alike form groups (equal files or line art, or a cosine from .95 between 16 x 16 maps of their
 * ink or of their lightness minus its mean, one of them mirrored or not), and so do samples to which the source gives
 * the same group. `train`, `validation` and the locked `test` hold about 70, 20 and 10 % of the pictures, by whole
 * groups and in each category; train and validation are never empty. Where so many pictures look alike that this
 * gives no validation set, the rule is relaxed and `notes` says so.
 *
 * Pictures that cannot be used are listed in `skipped` with the reason: damaged, empty, too small or too large, grey,
 * without any line. Throws a DataError for a source with fewer than two usable pictures.
 */
export async function loadPairs(source: PictureSource, options: LoadPairsOptions): Promise<PairDataset> {
  const { cacheDirectory = defaultCacheDirectory(), onProgress, signal } = options
  const settings = settingsOf(source, options)
  const { size } = settings
  signal?.throwIfAborted()
  const samples = await mapPictures(
    source.samples,
    (sample, index) => locate(source, sample, index, settings),
    {
      signal,
    },
  )
  const key = [
    pipelineVersion,
    { ...settings, workers: undefined },
    sharp.versions,
    samples.map((sample) => ({ ...sample, pictures: undefined })),
  ]
  const file = cacheFile(cacheDirectory, `${source.name}-${size}`, key)
  const cached = await readCache<Prepared>(file)
  const content = cached ?? (await prepareAll(source, samples, settings, { onProgress, signal }))
  if (cached) onProgress?.(samples.length, samples.length)
  else await writeCache(file, content)

  const { meta, blobs } = content
  const { ids, groups, categories } = meta
  const [line, colour, reference] = blobs
  const all: PairSet = {
    size,
    ids,
    groups,
    categories,
    line: line!,
    colour: colour!,
    ...(reference && { reference }),
  }
  const [train, validation, test] = meta.split.map((indices) => selectPairs(all, indices))
  const splits = { train: train!, validation: validation!, test: test! }
  return {
    name: source.name,
    size,
    hash: hashSplits(splits),
    ...(source.attribution !== undefined && { attribution: source.attribution }),
    ...lockTest(splits, (set) => set.ids.length),
    skipped: [...source.skipped, ...meta.skipped].sort((a, b) => (a.file < b.file ? -1 : 1)),
    notes: meta.notes,
  }
}

function settingsOf(source: PictureSource, options: LoadPairsOptions): Settings {
  const { size, seed = 1, shares = defaultShares, extractor = 'mixed', jitter = {} } = options
  const count = source.samples.length
  checkSize(size, 'loadPairs')
  checkSeed(seed, 'loadPairs')
  checkShares(shares, 'loadPairs')
  checkLineArt(extractor, jitter, 'loadPairs')
  if (count * size * size * 3 > constants.MAX_LENGTH) {
    throw new DataError(
      `loadPairs: expected a set that fits into memory, got ${count} pictures at size ${size}. ` +
        'Choose a smaller size, or read them with PairStream.',
    )
  }
  const limits = { ...trainingLimits, ...options.limits }
  return { size, seed, shares, extractor, jitter, limits, workers: options.workers ?? defaultWorkers(count) }
}

type LocatedSample = SourceSample & ({ pictures: SamplePictures; digest: string } | { reason: string })

/** Where the pictures of a sample are, and a hash of them. */
async function locate(
  source: PictureSource,
  sample: SourceSample,
  index: number,
  { limits }: Settings,
): Promise<LocatedSample> {
  try {
    const pictures = await source.pictures(index)
    const { colour, line, reference } = pictures
    const hash = createHash('sha256')
    for (const location of [colour, line, reference]) {
      hash.update(location ? await readLocation(location, limits) : 'none')
    }
    return { ...sample, pictures, digest: hash.digest('hex') }
  } catch (error) {
    return { ...sample, reason: reasonOf(error) }
  }
}

async function prepareAll(
  source: PictureSource,
  samples: readonly LocatedSample[],
  settings: Settings,
  { onProgress, signal }: ProgressOptions,
) {
  const { size, seed, shares, extractor, jitter, limits, workers } = settings
  const skipped: Skipped[] = []
  const pool = new WorkerPool({ workers, limits })
  try {
    const results = await mapPictures(
      samples,
      async (sample) => {
        const { id } = sample
        try {
          if ('reason' in sample) throw new Error(sample.reason)
          const { pictures } = sample
          const pair = await pool.run('prepare', { pictures, size, extractor, jitter, seed, purpose: id })
          return { ...sample, ...pair }
        } catch (error) {
          skipped.push({ file: id, reason: reasonOf(error) })
          return undefined
        }
      },
      { onProgress, signal, concurrency: 4 * workers },
    )
    const usable = results.filter((result) => result !== undefined)
    if (usable.length < 2) throw tooFew(source, usable.length, skipped)
    const { groups, split, notes } = await groupPairs(usable, { size, seed, shares, signal })
    const random = seededRandom(seed, 'order')
    const meta: Prepared = {
      ids: usable.map(({ id }) => id),
      groups,
      categories: usable.map(({ category }) => category),
      split: split.map((indices) => shuffled(indices, random)),
      skipped,
      notes,
    }
    return { meta, blobs: joinRasters(usable) }
  } finally {
    await pool.close()
  }
}

/** All line art, all colours and, where every pair has one, all references. */
function joinRasters(pairs: readonly RasterPair[]): Uint8Array[] {
  const sides = [pairs.map(({ line }) => line), pairs.map(({ colour }) => colour)]
  const references = pairs.flatMap(({ reference }) => (reference ? [reference] : []))
  if (references.length === pairs.length) sides.push(references)
  return sides.map((rasters) => {
    const length = rasters[0]!.length
    const joined = new Uint8Array(rasters.length * length)
    rasters.forEach((raster, index) => {
      joined.set(raster, index * length)
    })
    return joined
  })
}

function tooFew(source: PictureSource, usable: number, skipped: readonly Skipped[]): DataError {
  const shown = skipped.slice(0, 3).map(({ file, reason }) => `${file}: ${reason}`)
  if (skipped.length > shown.length) shown.push(`${skipped.length - shown.length} more`)
  return new DataError(
    `loadPairs: expected at least 2 usable colour pictures, got ${usable} (of ${source.samples.length} in the ` +
      `source ${source.name}${shown.length > 0 ? `; ${shown.join('; ')}` : ''}). Add colour pictures.`,
  )
}
