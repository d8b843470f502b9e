import { extname } from 'node:path'
import { DataError } from '../errors.js'
import { openSource } from '../sources/open-source.js'
import { type LoadPairsOptions, loadPairs } from './load-pairs.js'
import { readPairs } from './pair-file.js'
import type { PairDataset } from './pair-set.js'

/**
 * Pairs from whatever a path stands for, a folder, archive or list: `loadPairs` of `openSource`, with the notes of both.
 * A file of prepared pairs (`.pairs`, see `encodePairs`) has its size and splits already.
 *
 * @throws {DataError} where there are fewer than two usable pictures, or prepared ones of another size.
 */
export async function openPairs(path: string, options: LoadPairsOptions): Promise<PairDataset> {
  if (extname(path).toLowerCase() === '.pairs') return preparedPairs(path, options)
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

async function preparedPairs(path: string, { size, onProgress }: LoadPairsOptions): Promise<PairDataset> {
  const dataset = await readPairs(path)
  if (dataset.size !== size) {
    throw new DataError(
      `openPairs: expected pairs of ${size} x ${size}, got ${dataset.size} x ${dataset.size} (in "${path}"). ` +
        `Train at size ${dataset.size}, or prepare them anew.`,
    )
  }
  const { train, validation, test } = dataset.counts
  onProgress?.(train + validation + test, train + validation + test)
  return dataset
}
