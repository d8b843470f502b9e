import { DataError } from '../errors.js'
import { folderSource } from '../sources/folder-source.js'
import { type LoadPairsOptions, loadPairs } from './load-pairs.js'
import type { PairDataset } from './pair-set.js'

/**
 * Pairs from a folder of colour pictures and its subfolders: `loadPairs` of a `folderSource`.
 *
 * @throws {DataError} where the folder is missing or has fewer than two usable pictures.
 */
export async function folderPairs(directory: string, options: LoadPairsOptions): Promise<PairDataset> {
  const source = await folderSource(directory)
  if (source.samples.length === 0) {
    throw new DataError(
      `folderPairs: expected colour pictures, got none (in "${directory}" and its subfolders). ` +
        'Add png, jpeg, webp, tiff, gif, svg or avif files.',
    )
  }
  return loadPairs(source, options)
}
