// Closes a pool whose results lie unread because the main thread was busy; prints 'closed' if it lives to see the end.
// Argument: a picture.
import { WorkerPool } from '../src/workers/worker-pool.js'

const task = { picture: { file: process.argv[2]! } }
const pool = new WorkerPool({ workers: 1 })
await pool.run('fingerprint', task)
pool.run('fingerprint', task).catch(() => undefined)
const until = performance.now() + 1000
while (performance.now() < until);
await pool.close()
console.log('closed')
