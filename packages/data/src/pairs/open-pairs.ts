import { DataError } from '../errors.js'
import { openSource } from '../sources/open-source.js'
import { type LoadPairsOptions, loadPairs } from './load-pairs.js'
import type { PairDataset } from './pair-set.js'

/**
 * Pairs from whatever a path stands for, a folder, archive or list: `loadPairs` of `openSource`, with the notes of both.
 * Throws a DataError where there are fewer than two usable pictures.
 */
export async function openPairs(path: string, options: LoadPairsOptions): Promise<PairDataset> {
  const { source, notes } = await openSource(path)
  if (source.samples.length === 0) {
    throw new DataError(
      `openPairs: expected colour pictures, got none (in "${path}"). ` +
        'Add png, jpeg, webp, tiff, gif, svg or avif files.',
    )
  }
  const pairs = await loadPairs(source, options)
  return { ...pairs, notes: [...notes, ...pairs.notes] }
}
