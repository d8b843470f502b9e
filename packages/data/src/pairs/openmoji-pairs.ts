import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { DataError } from '../errors.js'
import { luma, saturatedArea } from '../pictures/picture.js'
import { checkSeed, seededRandom, shuffled } from '../random.js'
import { codepointKey, type Drawing, openMojiCatalogue } from '../sources/openmoji-catalogue.js'
import { openMojiAttribution } from '../sources/openmoji-source.js'
import { DisjointSets } from '../splits/disjoint-sets.js'
import { chooseHeldOutCategories, splitByGroup } from '../splits/grouped-split.js'
import { lockTest } from '../splits/locked-splits.js'
import { inkMap, joinNearDuplicates } from '../splits/near-duplicates.js'
import { mapPictures, type ProgressOptions } from '../workers/map-pictures.js'
import { checkSize, hashSplits, type PairDataset, type PairSet, selectPairs } from './pair-set.js'
import { cacheFile, defaultCacheDirectory, readCache, writeCache } from './raster-cache.js'

/** Options of `openMojiPairs`. */
export interface OpenMojiPairsOptions extends ProgressOptions {
  /** Height and width in pixels, 16 to 1024. */
  size: number
  /** Chooses the split. Default 1. */
  seed?: number
  /** Where rasters are kept between runs. Default: the user's cache folder. */
  cacheDirectory?: string | undefined
}

// Raise it when anything below changes what is computed from the same files.
const pipelineVersion = 1
// Filter and groups are computed at one size, so that the split does not depend on the size asked for.
const analysisSize = 64
const leastSaturatedArea = 0.02
const leastRegistration = 0.9
// The rule is 0.95; the margin keeps rounding and another raster size from carrying a pair across it.
const nearDuplicateCosine = 0.94
const testShare = 0.1
const shares = { train: 0.7, validation: 0.2 }

interface Prepared {
  ids: string[]
  categories: string[]
  groups: string[]
  skipped: { file: string; reason: string }[]
  pale: number
  misregistered: number
}

/**
 * Pairs of an artist's line art and its coloured version from the installed package `openmoji`.
 *
 * Left out are flags, signs and letters, skin-tone variants (their line art equals their base's), drawings with
 * less than 2 % of saturated area, and drawings less than 90 % of whose ink is as dark in the coloured version.
 *
 * Look-alikes form groups: same base drawing, same code points apart from gender, same line raster, or a cosine
 * from .95 between 16 x 16 maps of their ink, one of them mirrored or not. No group is in two splits. `test` holds whole subgroups (about 10 %
 * of the pairs) that training never sees and that share no group with the others; `validation` holds about 20 %:
 * groups of the remaining subgroups, drawn evenly from each; `train` holds the rest, about 70 %.
 * The split depends on `seed` only, not on `size`.
 *
 *
 * @throws {DataError} where the package is not installed, a RangeError for a wrong size or seed.
 */
export async function openMojiPairs(options: OpenMojiPairsOptions): Promise<PairDataset> {
  const { size, seed = 1, cacheDirectory = defaultCacheDirectory(), onProgress, signal } = options
  checkSize(size, 'openMojiPairs')
  checkSeed(seed, 'openMojiPairs')
  signal?.throwIfAborted()
  const catalogue = await openMojiCatalogue()
  const { sources, skipped } = await readSources(catalogue.drawings, signal)
  const file = cacheFile(cacheDirectory, `openmoji-${size}`, [
    pipelineVersion,
    size,
    sharp.versions,
    sources.map(({ drawing, digest }) => [drawing.hexcode, drawing.category, drawing.base, digest]),
  ])
  const cached = await readCache<Prepared>(file)
  const content = cached ?? (await preparePairs(sources, size, { onProgress, signal }))
  if (!cached) await writeCache(file, content)
  else onProgress?.(sources.length, sources.length)
  signal?.throwIfAborted()

  const { meta, blobs } = content
  const { ids, categories, groups } = meta
  if (ids.length === 0) {
    throw new DataError(
      `openMojiPairs: expected usable drawings, got none (openmoji ${catalogue.version}). ` +
        'Install it again: npm install openmoji@17',
    )
  }
  const all: PairSet = { size, ids, categories, groups, line: blobs[0]!, colour: blobs[1]! }
  const splits = splitOpenMoji(all, seed)
  return {
    name: 'openmoji',
    size,
    hash: hashSplits(splits),
    attribution: openMojiAttribution,
    ...lockTest(splits, (set) => set.ids.length),
    skipped: [...skipped, ...meta.skipped],
    notes: [
      `openmoji ${catalogue.version}: ${ids.length} of ${catalogue.total} drawings are used. Left out: ` +
        `${catalogue.variants} skin-tone variants, ${catalogue.signs} flags, signs and letters, ` +
        `${meta.pale} with little colour, ${meta.misregistered} whose lines are not in the coloured version.`,
      `Test holds whole subgroups: ${[...new Set(splits.test.categories)].sort().join(', ')}.`,
    ],
  }
}

interface Source {
  drawing: Drawing
  line: Buffer
  colour: Buffer
  digest: string
}

async function readSources(drawings: readonly Drawing[], signal: AbortSignal | undefined) {
  const skipped: { file: string; reason: string }[] = []
  const read = await mapPictures(
    drawings,
    async (drawing): Promise<Source | undefined> => {
      try {
        const [line, colour] = await Promise.all([readFile(drawing.lineFile), readFile(drawing.colourFile)])
        const digest = createHash('sha256').update(line).update('\n').update(colour).digest('hex')
        return { drawing, line, colour, digest }
      } catch (error) {
        skipped.push({ file: drawing.hexcode, reason: (error as Error).message })
        return undefined
      }
    },
    { signal },
  )
  return { sources: read.filter((source) => source !== undefined), skipped }
}

async function preparePairs(sources: readonly Source[], size: number, progress: ProgressOptions) {
  const skipped: { file: string; reason: string }[] = []
  let pale = 0
  let misregistered = 0
  const results = await mapPictures(
    sources,
    async ({ drawing, line, colour }) => {
      try {
        const small = await rasterPair(line, colour, analysisSize)
        if (saturatedArea(small.colour) < leastSaturatedArea) {
          pale++
          return undefined
        }
        if (registration(small.line, small.colour) < leastRegistration) {
          misregistered++
          return undefined
        }
        return { drawing, small, pair: size === analysisSize ? small : await rasterPair(line, colour, size) }
      } catch (error) {
        skipped.push({ file: drawing.hexcode, reason: (error as Error).message })
        return undefined
      }
    },
    progress,
  )
  const kept = results.filter((result) => result !== undefined)
  const groups = await groupDrawings(
    kept.map(({ drawing }) => drawing),
    kept.map(({ small }) => small.line),
    progress.signal,
  )
  const pixels = size * size
  const lines = new Uint8Array(kept.length * pixels)
  const colours = new Uint8Array(kept.length * pixels * 3)
  kept.forEach(({ pair }, index) => {
    lines.set(pair.line, index * pixels)
    colours.set(pair.colour, index * pixels * 3)
  })
  const meta: Prepared = {
    ids: kept.map(({ drawing }) => drawing.hexcode),
    categories: kept.map(({ drawing }) => drawing.category),
    groups,
    skipped,
    pale,
    misregistered,
  }
  return { meta, blobs: [lines, colours] }
}

async function rasterPair(line: Buffer, colour: Buffer, size: number) {
  const [lineRaster, colourRaster] = await Promise.all([
    rasterSvg(line, size, 'b-w'),
    rasterSvg(colour, size, 'srgb'),
  ])
  return { line: lineRaster, colour: colourRaster }
}

async function rasterSvg(svg: Buffer, size: number, colourspace: 'b-w' | 'srgb'): Promise<Uint8Array> {
  // The drawings are 72 units wide, so at a density of `size` dots per inch they are drawn `size` pixels wide.
  const { data } = await sharp(svg, { density: size })
    .flatten({ background: '#ffffff' })
    .resize(size, size, { fit: 'contain', background: '#ffffff' })
    .toColourspace(colourspace)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return data
}

/** The share of the line art's ink that is at least as dark in the coloured picture, 0 to 1. */
export function registration(line: Uint8Array, colour: Uint8Array): number {
  let ink = 0
  let covered = 0
  for (let pixel = 0; pixel < line.length; pixel++) {
    const dark = 255 - line[pixel]!
    const under = 255 - luma(colour[3 * pixel]!, colour[3 * pixel + 1]!, colour[3 * pixel + 2]!)
    ink += dark
    covered += Math.min(dark, under)
  }
  return ink === 0 ? 0 : covered / ink
}

/** The group of each drawing, named by the first hexcode in it. */
async function groupDrawings(
  drawings: readonly Drawing[],
  lines: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const sets = new DisjointSets(drawings.length)
  sets.joinEqual(drawings.map(({ base }) => base))
  sets.joinEqual(drawings.map(({ hexcode }) => codepointKey(hexcode)))
  sets.joinEqual(lines.map((line) => createHash('sha256').update(line).digest('hex')))
  const maps = lines.map((line) => inkMap(line, analysisSize, analysisSize))
  await joinNearDuplicates(sets, maps, nearDuplicateCosine, signal)
  return drawings.map((_, index) => drawings[sets.find(index)]!.hexcode)
}

function splitOpenMoji(all: PairSet, seed: number) {
  const items = all.ids.map((_, index) => ({ group: all.groups![index]!, category: all.categories![index]! }))
  const heldOut = chooseHeldOutCategories(items, testShare, seed)
  const indices = items.map((_, index) => index)
  const test = indices.filter((index) => heldOut.has(items[index]!.category))
  const rest = indices.filter((index) => !heldOut.has(items[index]!.category))
  const [chosen] = splitByGroup(
    rest.map((index) => items[index]!),
    [shares.train, shares.validation],
    seed,
  )
  const seen = new Set(chosen!.map((position) => items[rest[position]!]!.category))
  const trainGroups = new Set(chosen!.map((position) => items[rest[position]!]!.group))
  // A subgroup of one group cannot be in both; validation holds nothing of a kind that training never sees.
  for (const index of rest) if (!seen.has(items[index]!.category)) trainGroups.add(items[index]!.group)
  // Shuffled, so that the first pairs of a split are a fair sample of it.
  const random = seededRandom(seed, 'order')
  const select = (picked: number[]): PairSet => selectPairs(all, shuffled(picked, random))
  return {
    train: select(rest.filter((index) => trainGroups.has(items[index]!.group))),
    validation: select(rest.filter((index) => !trainGroups.has(items[index]!.group))),
    test: select(test),
  }
}
