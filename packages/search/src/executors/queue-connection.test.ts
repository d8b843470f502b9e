import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  ends,
  foldersIn,
  module,
  open,
  STEPS,
  startMachine,
  stepsIn,
  until,
} from '../../tests/queue-machines.js'
import { freePort, noRedis, startRedis } from '../../tests/redis-server.js'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import { redisQueue, runStudy, startWorker } from '../index.js'

describe.skipIf(noRedis !== undefined)(`a Redis that fails (${noRedis ?? 'one of its own'})`, () => {
  test('a Redis that has lost everything gets the trials again, and none is trained twice', async () => {
    const redis = await startRedis()
    const [path, folder] = [join(temporaryFolder(), 'journal'), temporaryFolder()]
    await startMachine(redis.connection.port, folder, { SEARCH_TEST_STEP: '200' })
    const study = await open(path)
    const executor = redisQueue({ connection: redis.connection, poll: 0.2 })
    const running = runStudy(study, { trials: 3, parallel: 3, executor })
    await until(() => foldersIn(folder).some((trial) => stepsIn(folder, trial).length >= 2))
    await redis.restart(500, { forget: true })
    await running
    expect(ends(path)).toEqual([1, 1, 1])
    for (const trial of foldersIn(folder)) {
      expect(readFileSync(join(folder, trial, 'finished'), 'utf8')).toBe('.')
      expect(new Set(stepsIn(folder, trial))).toEqual(new Set(STEPS))
      expect(stepsIn(folder, trial).length).toBeLessThan(11)
    }
  }, 60_000)
})

test('where no Redis answers, search and workers say so', { timeout: 30_000 }, async () => {
  const connection = { host: '127.0.0.1', port: await freePort() }
  const reason = `expected a Redis at 127.0.0.1:${connection.port}, got ECONNREFUSED. Start one with redis-server, or correct connection.`
  const study = await open(join(temporaryFolder(), 'journal'))
  await Promise.all([
    expect(runStudy(study, { trials: 1, executor: redisQueue({ connection }) })).rejects.toThrow(
      `redisQueue: ${reason}`,
    ),
    expect(startWorker({ connection, module, folder: temporaryFolder() })).rejects.toThrow(
      `startWorker: ${reason}`,
    ),
  ])
})

test('unknown options and impossible numbers are refused', async () => {
  expect(() => redisQueue({ connection: {}, queues: 1 } as never)).toThrow('got queues')
  const worker = (options: object) =>
    startWorker({ connection: {}, module, folder: 'x', ...options } as never)
  await expect(worker({ lock: 0 })).rejects.toThrow('startWorker: expected lock above 0 seconds, got 0.')
  await expect(worker({ parallel: 0 })).rejects.toThrow(
    'startWorker: expected parallel to be a whole number from 1 up',
  )
  await expect(worker({ module: '/nowhere.js' })).rejects.toThrow('found no file')
})
