import { createHash } from 'node:crypto'
import * as tf from '@tensorflow/tfjs-core'
import { standardAugmentation } from '../src/augment/augmentation.js'
import type { PairStream, PairStreamArgs, StreamLoading } from '../src/stream/pair-stream.js'

/** A stream that uses everything random. */
export const streamArgs = (loading: StreamLoading): PairStreamArgs => ({
  size: 16,
  batchSize: 3,
  seed: 8,
  pictures: { jitter: { thickness: 0.5, darkness: 0.5 }, augment: standardAugmentation },
  loading,
})

/** One text for each batch: its ids and a hash of its tensors. */
export async function hashBatches(stream: PairStream, count: number): Promise<string[]> {
  const hashes: string[] = []
  for (let number = 0; number < count; number++) {
    const { line, colour, ids } = await stream.next()
    const hash = createHash('sha256')
    for (const tensor of [line, colour]) {
      hash.update(JSON.stringify(tensor.shape)).update(new Uint8Array((await tensor.data()).slice().buffer))
    }
    tf.dispose([line, colour])
    hashes.push(`${ids.join()} ${hash.digest('hex').slice(0, 16)}`)
  }
  return hashes
}
