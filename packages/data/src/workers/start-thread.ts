import { Worker } from 'node:worker_threads'
import type { PictureReaderArgs } from './picture-reader.js'

// Inside the repository packages run from their sources, which a worker thread can load through tsx only.
const fromSource = `
const { tsx, thread } = require('node:worker_threads').workerData
import(tsx).then(({ register }) => { register(); return import(thread) })
`

/** Starts a thread that does the tasks of `tasks.ts`. */
export function startThread(reader: PictureReaderArgs): Worker {
  const built = new URL('./thread.js', import.meta.url)
  if (!import.meta.url.endsWith('.ts')) return new Worker(built, { workerData: { reader } })
  const thread = new URL('./thread.ts', import.meta.url).href
  return new Worker(fromSource, {
    eval: true,
    workerData: { reader, thread, tsx: import.meta.resolve('tsx/esm/api') },
  })
}
