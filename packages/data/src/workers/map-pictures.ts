import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'

export interface ProgressOptions {
  /** Called after each picture. */
  onProgress?: ((done: number, total: number) => void) | undefined
  /** Ends the work with the signal's reason. */
  signal?: AbortSignal | undefined
}

interface MapOptions extends ProgressOptions {
  /** How many items are worked on at once. Default: as many as the machine has threads, at least 2. */
  concurrency?: number
}

/** Runs `work` on every item, a few at a time (the libraries below use one thread each), and keeps their order. */
export async function mapPictures<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  { onProgress, signal, concurrency = 0 }: MapOptions = {},
): Promise<Result[]> {
  const most = Math.max(2, concurrency || availableParallelism())
  const limit = pLimit({ concurrency: most, rejectOnClear: true })
  let done = 0
  try {
    return await limit.map(items, async (item, index) => {
      signal?.throwIfAborted()
      const result = await work(item, index)
      done++
      onProgress?.(done, items.length)
      return result
    })
  } finally {
    limit.clearQueue()
  }
}
