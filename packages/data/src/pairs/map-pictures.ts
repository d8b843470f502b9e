import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'

export interface ProgressOptions {
  /** Called after each picture. */
  onProgress?: ((done: number, total: number) => void) | undefined
  /** Ends the work with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Runs `work` on every item, a few at a time (the libraries below use one thread each), and keeps their order. */
export async function mapPictures<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  { onProgress, signal }: ProgressOptions = {},
): Promise<Result[]> {
  const limit = pLimit({ concurrency: Math.max(2, availableParallelism()), rejectOnClear: true })
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
