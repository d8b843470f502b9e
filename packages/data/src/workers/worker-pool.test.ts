import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { writePicture } from '@dlkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PictureError } from '../errors.js'
import { startThread } from './start-thread.js'
import { WorkerPool } from './worker-pool.js'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-pool-'))
  file = join(folder, 'a.png')
  await writePicture(file, 50, 40, 1)
})
afterAll(() => rm(folder, { recursive: true }))

describe('WorkerPool', () => {
  it('gives in threads what it gives in the main thread', async () => {
    const results = []
    for (const workers of [0, 2]) {
      const pool = new WorkerPool({ workers })
      const tasks = Array.from({ length: 9 }, () => pool.run('fingerprint', { picture: { file } }))
      const fingerprints = await Promise.all(tasks)
      for (const fingerprint of fingerprints) expect(fingerprint).toEqual(fingerprints[0])
      results.push(fingerprints[0])
      await pool.close()
    }
    expect(results[1]).toEqual(results[0])
  })

  it('passes on why a picture cannot be used, and its limits', async () => {
    for (const workers of [0, 1]) {
      const pool = new WorkerPool({ workers, limits: { side: 60 } })
      const error = await pool.run('fingerprint', { picture: { file } }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(PictureError)
      expect(error).toMatchObject({ file, reason: 'too small (50x40, at least 60x60)' })
      await pool.close()
    }
  })

  it.each([
    ["throw new Error('boom')", 'WorkerPool: a worker thread died (boom).'],
    ['process.exit(3)', 'WorkerPool: a worker thread died (exit code 3).'],
  ])('rejects what was asked of a thread that does %s, and goes on with a new one', async (end, message) => {
    const dying = `require('node:worker_threads').parentPort.once('message', () => { ${end} })`
    let started = 0
    const pool = new WorkerPool({ workers: 1 }, (reader) =>
      started++ === 0 ? new Worker(dying, { eval: true }) : startThread(reader),
    )
    await expect(pool.run('fingerprint', { picture: { file } })).rejects.toThrow(message)
    await expect(pool.run('fingerprint', { picture: { file } })).resolves.toHaveProperty('map')
    expect(started).toBe(2)
    await pool.close()
  })

  it('rejects what is left when it is closed, and everything after', async () => {
    const pool = new WorkerPool({ workers: 1 })
    const tasks = Array.from({ length: 20 }, () => pool.run('fingerprint', { picture: { file } }))
    const outcomes = Promise.allSettled(tasks)
    await pool.close()
    expect((await outcomes).some(({ status }) => status === 'rejected')).toBe(true)
    await expect(pool.run('fingerprint', { picture: { file } })).rejects.toThrow(
      'WorkerPool: expected an open pool, got a closed one.',
    )
  })

  it('keeps the process alive until its threads have ended', async () => {
    const script = fileURLToPath(new URL('../../tests/close-pool.ts', import.meta.url))
    const flags = ['--conditions=@dlkit/source', '--import=tsx', script, file]
    const { stdout } = await promisify(execFile)(process.execPath, flags)
    expect(stdout.trim()).toBe('closed')
  })

  it('refuses a fraction of a thread', () => {
    expect(() => new WorkerPool({ workers: 0.5 })).toThrow(
      new RangeError(
        'WorkerPool: expected workers to be a whole number from 0 to 64, got 0.5. Choose e.g. 2.',
      ),
    )
  })
})
