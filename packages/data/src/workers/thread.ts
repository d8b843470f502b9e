import { parentPort, workerData } from 'node:worker_threads'
import pLimit from 'p-limit'
import sharp from 'sharp'
import { PictureError } from '../errors.js'
import { PictureReader, type PictureReaderArgs } from './picture-reader.js'
import { taskHandlers } from './tasks.js'
import type { Answer, Request } from './worker-pool.js'

// The threads share the work between them: each picture is decoded by one, and none is kept.
sharp.concurrency(1)
sharp.cache(false)

// One is computed while the pictures of others are read and decoded.
const limit = pLimit(3)
const port = parentPort!
const reader = new PictureReader((workerData as { reader: PictureReaderArgs }).reader)

async function answer({ name, args }: Request): Promise<Answer> {
  try {
    return { result: await taskHandlers[name](args as never, reader) }
  } catch (error) {
    if (error instanceof PictureError) return { file: error.file, reason: error.reason }
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}

port.on('message', async (request: Request) => {
  const reply = await limit(() => answer(request))
  port.postMessage({ id: request.id, ...reply }, 'result' in reply ? buffersOf(reply.result) : [])
})

/** The memory that can be handed over instead of copied: that of arrays which fill their buffer. */
function buffersOf(result: object): ArrayBuffer[] {
  return [result, ...Object.values(result)].flatMap((value: unknown) =>
    ArrayBuffer.isView(value) &&
    value.buffer instanceof ArrayBuffer &&
    value.byteLength === value.buffer.byteLength
      ? [value.buffer]
      : [],
  )
}
