import { openMojiPairs, openPairs, type PairDataset, type PairSet, pairTensors } from '@dlkit/data'
import type * as tf from '@tensorflow/tfjs-core'
import type { Config } from './config.js'
import { indicesOf, pictureRanges } from './pictures-at-once.js'

interface LoadArgs {
  onProgress?: (done: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** The pairs that `config.data` names: OpenMoji, or the user's own folder, archive or list. */
export async function loadPairs(
  config: Pick<Config, 'data' | 'size' | 'seed' | 'ink'>,
  { onProgress, signal }: LoadArgs = {},
): Promise<PairDataset> {
  const { size, seed } = config
  const options = { size, seed, ...(onProgress && { onProgress }), ...(signal && { signal }) }
  const pairs = await (config.data === 'openmoji' ? openMojiPairs(options) : openPairs(config.data, options))
  if (!config.ink) return pairs
  const { train, validation } = pairs
  return {
    ...pairs,
    train: inked(train),
    validation: inked(validation),
    open: (name) => inked(pairs.open(name)),
  }
}

/** Pairs whose coloured pictures have their line art on top: `colour · line`. */
function inked(set: PairSet): PairSet {
  const colour = set.colour.map((value, i) => Math.round((value * set.line[Math.floor(i / 3)]!) / 255))
  return { ...set, colour }
}

/** One side of a set, a few pictures at a time, in [-1, 1]: what a scaler is fitted on. */
export function* scalerBatches(set: PairSet, side: 'line' | 'colour'): Generator<tf.Tensor4D> {
  for (const range of pictureRanges(set.ids.length, set.size)) {
    const pair = pairTensors(set, indicesOf(range))
    try {
      yield pair[side]
    } finally {
      pair.line.dispose()
      pair.colour.dispose()
    }
  }
}

/** What `dataset.json` of a run says. */
export interface DatasetSummary {
  name: string
  size: number
  hash: string
  /** Pairs in each split. */
  train: number
  validation: number
  test: number
  skipped: PairDataset['skipped']
  notes: readonly string[]
  /** Whom to name for the pictures. */
  attribution?: string
}

export function summaryOf(dataset: PairDataset): DatasetSummary {
  const { name, size, hash, counts, skipped, notes, attribution } = dataset
  return { name, size, hash, ...counts, skipped, notes, ...(attribution && { attribution }) }
}
