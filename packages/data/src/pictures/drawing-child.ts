// The process of `drawing-process.ts`.
import { writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { reasonOf } from '../errors.js'
import { decode, header } from './decode.js'
import type { DrawingAnswer, DrawingRequest } from './drawing-process.js'

sharp.cache(false)
try {
  // Where memory runs out, Linux is to end this process and no other.
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {}

// `exit` would wait for the decoder.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

process.on('message', async ({ bytes, settings }: DrawingRequest) => {
  process.send!(await answer(bytes, settings))
})

async function answer(bytes: Uint8Array, settings: DrawingRequest['settings']): Promise<DrawingAnswer> {
  try {
    if (settings === undefined) return { header: await header(bytes) }
    return { picture: await decode('', bytes, settings) }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}
