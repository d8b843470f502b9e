import { createHash } from 'node:crypto'
import type { PictureLimits } from '../pictures/picture-limits.js'
import { checkSeed } from '../random.js'
import type { PictureSource, Skipped } from '../sources/picture-source.js'
import type { ProgressOptions } from '../workers/map-pictures.js'
import { defaultWorkers, WorkerPool } from '../workers/worker-pool.js'
import { DisjointSets } from './disjoint-sets.js'
import { fingerprintSource } from './fingerprint-source.js'
import { splitByGroup } from './grouped-split.js'
import { type LockedSplits, lockTest } from './locked-splits.js'
import { findLookAlikes } from './look-alikes.js'
import { checkShares, defaultShares, type SplitName, type SplitShares, splitNames } from './split-names.js'

/** Options of `splitSource`. */
export interface SplitSourceOptions extends ProgressOptions {
  /** The same seed gives the same split. Default 1. */
  seed?: number
  /** How much each split gets. Default 0.7, 0.2 and 0.1 for train, validation and test. */
  shares?: SplitShares
  /** Reads every picture to keep look-alikes in one split. Default true. */
  lookAlikes?: boolean
  /** Pictures that are larger are not read. */
  limits?: PictureLimits | undefined
  /** Worker threads. Default: as many as the machine runs at once, none for a few pictures. */
  workers?: number
}

/** The numbers of the samples in each split of a source. */
export interface SourceSplit extends LockedSplits<readonly number[]> {
  /** SHA-256 (hex) over the ids in each split: equal hashes mean the same samples, split alike. */
  readonly hash: string
  /** The split of a sample; undefined for one that is in none because it cannot be read. */
  splitOf(index: number): SplitName | undefined
  /** Pictures that could not be read, in no split. */
  readonly skipped: readonly Skipped[]
}

/**
 * Splits the samples of a source for `PairStream`, by whole groups and evenly in each category. Samples to which the
 * source gives one group stay together, and so do pictures that are equal or look alike (perceptual hashes that differ
 * in at most 8 of 64 bits and a correlation from .97 of 16 x 16 versions, mirrored or not), directly or through others.
 */
export async function splitSource(
  source: PictureSource,
  options: SplitSourceOptions = {},
): Promise<SourceSplit> {
  const { seed = 1, shares = defaultShares, lookAlikes = true, limits, onProgress, signal } = options
  checkSeed(seed, 'splitSource')
  checkShares(shares, 'splitSource')
  const { samples } = source
  const sets = new DisjointSets(samples.length)
  sets.joinEqual(samples.map(({ id, group }) => (group === undefined ? `id ${id}` : `group ${group}`)))
  let usable = samples.map((_, index) => index)
  let skipped: Skipped[] = []
  if (lookAlikes) {
    const workers = options.workers ?? defaultWorkers(samples.length)
    const pool = new WorkerPool({ workers, limits })
    try {
      const found = await fingerprintSource(source, pool, { onProgress, signal, concurrency: 4 * workers })
      skipped = found.skipped
      usable = usable.filter((index) => found.fingerprints[index])
      const alike = findLookAlikes(usable.map((index) => found.fingerprints[index]!))
      for (const { a, b } of alike) sets.join(usable[a]!, usable[b]!)
    } finally {
      await pool.close()
    }
  }
  const items = usable.map((index) => ({
    category: samples[index]!.category,
    group: String(sets.find(index)),
  }))
  const parts = splitByGroup(
    items,
    splitNames.map((name) => shares[name]),
    seed,
  ).map((part) => part.map((position) => usable[position]!))
  const splits = { train: parts[0]!, validation: parts[1]!, test: parts[2]! }
  const numbers = new Int8Array(samples.length).fill(-1)
  parts.forEach((part, number) => {
    for (const index of part) numbers[index] = number
  })
  return {
    ...lockTest<readonly number[]>(splits, (split) => split.length),
    hash: hashOf(source, splits),
    splitOf: (index) => splitNames[numbers[index]!],
    skipped,
  }
}

function hashOf(source: PictureSource, splits: Record<SplitName, readonly number[]>): string {
  const hash = createHash('sha256')
  for (const name of splitNames) {
    hash.update(`${name}\n`)
    for (const index of splits[name]) hash.update(`${JSON.stringify(source.samples[index]!.id)}\n`)
  }
  return hash.digest('hex')
}
