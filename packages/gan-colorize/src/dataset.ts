import { openMojiPairs, openPairs, type PairDataset, type PairSet, pairTensors } from '@dlkit/data'
import type * as tf from '@tensorflow/tfjs-core'
import type { Config } from './config.js'
import { indicesOf, pictureRanges } from './pictures-at-once.js'

interface LoadArgs {
  onProgress: (done: number, total: number) => void
  signal?: AbortSignal | undefined
}

/** The pairs that `config.data` names: OpenMoji, or the user's own folder, archive or list. */
export function loadPairs(config: Config, { onProgress, signal }: LoadArgs): Promise<PairDataset> {
  const options = { size: config.size, seed: config.seed, onProgress, ...(signal && { signal }) }
  return config.data === 'openmoji' ? openMojiPairs(options) : openPairs(config.data, options)
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
  attribution?: string
}

export function summaryOf(dataset: PairDataset): DatasetSummary {
  const { name, size, hash, counts, skipped, notes, attribution } = dataset
  return { name, size, hash, ...counts, skipped, notes, ...(attribution && { attribution }) }
}
