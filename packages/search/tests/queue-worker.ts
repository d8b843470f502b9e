// A worker machine, until it is killed: queue-worker.ts PORT FOLDER LOCK_SECONDS.
import { startWorker } from '../src/index.js'

const [port, folder, lock] = process.argv.slice(2)
const worker = await startWorker({
  connection: { host: '127.0.0.1', port: Number(port) },
  module: new URL('./objective.ts', import.meta.url),
  folder: folder!,
  lock: Number(lock),
  poll: 0.2,
})
process.once('SIGTERM', () => worker.close())
console.log('ready')
