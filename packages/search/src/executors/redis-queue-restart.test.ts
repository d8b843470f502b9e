import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ends, foldersIn, open, STEPS, startMachine, stepsIn, until } from '../../tests/queue-machines.js'
import { noRedis, startRedis } from '../../tests/redis-server.js'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import { redisQueue, runStudy } from '../index.js'

describe.skipIf(noRedis !== undefined)(
  `trials on machines (${noRedis ?? 'with a Redis of their own'})`,
  () => {
    test('of three workers one is killed and Redis restarts: every trial finishes exactly once', async () => {
      const redis = await startRedis()
      const [path, folder] = [join(temporaryFolder(), 'journal'), temporaryFolder()]
      const { port } = redis.connection
      const machines = await Promise.all(
        [0, 1, 2].map(() => startMachine(port, folder, { SEARCH_TEST_STEP: '200' })),
      )
      const study = await open(path)
      const executor = redisQueue({ connection: redis.connection, poll: 0.2 })
      const running = runStudy(study, { trials: 9, parallel: 5, executor })
      await until(() => foldersIn(folder).some((trial) => stepsIn(folder, trial).length >= 3))
      machines[0]!.kill('SIGKILL')
      await until(() => foldersIn(folder).filter((trial) => stepsIn(folder, trial).length >= 8).length >= 2)
      await redis.restart(1000)
      await running
      expect(study.trials.map(({ state }) => state)).toEqual(Array(9).fill('complete'))
      expect(study.trials.map(({ params, values }) => values![0] === params.x)).toEqual(Array(9).fill(true))
      expect(ends(path)).toEqual(Array(9).fill(1))
      const trials = foldersIn(folder)
      expect(trials).toHaveLength(9)
      for (const trial of trials) {
        expect(readFileSync(join(folder, trial, 'finished'), 'utf8')).toBe('.')
        expect(new Set(stepsIn(folder, trial))).toEqual(new Set(STEPS))
      }
      expect(trials.reduce((sum, trial) => sum + stepsIn(folder, trial).length, 0)).toBeLessThan(9 * 8 + 8)
      for (const { reports } of study.trials) expect([...reports.keys()].sort()).toEqual(STEPS)
    }, 60_000)
  },
)
