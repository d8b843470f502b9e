import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { foldersIn, module, open, STEPS, startMachine, stepsIn, until } from '../../tests/queue-machines.js'
import { noRedis, startRedis } from '../../tests/redis-server.js'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import { redisQueue, runStudy, startWorker, successiveHalving } from '../index.js'

describe.skipIf(noRedis !== undefined)(
  `trials on machines (${noRedis ?? 'with a Redis of their own'})`,
  () => {
    test('a worker that is closed gives its trial back, and another goes on from its checkpoint', async () => {
      const redis = await startRedis()
      const [path, folder] = [join(temporaryFolder(), 'journal'), temporaryFolder()]
      const first = await startMachine(redis.connection.port, folder, { SEARCH_TEST_STEP: '200' })
      const study = await open(path)
      const running = runStudy(study, {
        trials: 1,
        executor: redisQueue({ connection: redis.connection, poll: 0.2 }),
      })
      await until(() => foldersIn(folder).some((trial) => stepsIn(folder, trial).length >= 2))
      first.kill('SIGTERM')
      expect((await once(first, 'exit'))[0]).toBe(0)
      await startMachine(redis.connection.port, folder)
      await running
      expect(study.trials[0]!.state).toBe('complete')
      expect(stepsIn(folder, `${study.id}-0`)).toEqual(STEPS)
    })

    test('a search that was interrupted takes up its trials, and what finished meanwhile is not trained again', async () => {
      const redis = await startRedis()
      const [path, folder] = [join(temporaryFolder(), 'journal'), temporaryFolder()]
      const options = { connection: redis.connection, poll: 0.2 }
      const study = await open(path)
      const stop = new AbortController()
      const first = runStudy(study, {
        trials: 2,
        parallel: 2,
        executor: redisQueue(options),
        signal: stop.signal,
      })
      await until(() => study.trials.length === 2)
      await sleep(600)
      stop.abort()
      await first
      expect(study.trials.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
      const worker = await startWorker({ ...options, module, folder, parallel: 2 })
      try {
        await runStudy(study, { trials: 2, parallel: 2, executor: redisQueue(options) })
        expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete'])
        const request = {
          id: `${study.id}-0`,
          study: study.name,
          number: 0,
          params: study.trials[0]!.params,
          folder,
        }
        const executor = redisQueue(options)
        const again = await executor.run(request, {
          report: async () => 'continue',
          signal: new AbortController().signal,
        })
        await executor.close!()
        expect(again).toEqual({ state: 'complete', result: study.trials[0]!.values![0] })
        expect(stepsIn(folder, request.id)).toEqual(STEPS)
        expect(readFileSync(join(folder, request.id, 'finished'), 'utf8')).toBe('.')
      } finally {
        await worker.close()
      }
    })

    test('trials on machines pause, resume and are cancelled; a crash is a failed trial', async () => {
      const redis = await startRedis()
      const folder = temporaryFolder()
      const options = { connection: redis.connection, poll: 0.1 }
      process.env.SEARCH_TEST_STEP = '100'
      const worker = await startWorker({ ...options, module, folder, parallel: 3 })
      try {
        const study = await open(
          join(temporaryFolder(), 'journal'),
          successiveHalving({ firstRung: 2, factor: 2 }),
        )
        await runStudy(study, { trials: 6, parallel: 3, executor: redisQueue(options) })
        expect(new Set(study.trials.map(({ state }) => state))).toEqual(new Set(['complete', 'waiting']))
        expect(
          study.trials.some(({ state, notes }) => state === 'complete' && notes.rung !== undefined),
        ).toBe(true)
        for (const { number, reports } of study.trials)
          expect(stepsIn(folder, `${study.id}-${number}`)).toEqual([...reports.keys()])

        const cancelled = await open(join(temporaryFolder(), 'journal'))
        const running = runStudy(cancelled, { trials: 1, executor: redisQueue(options) })
        await until(() => (cancelled.trials[0]?.reports.size ?? 0) >= 2)
        await cancelled.prune(0)
        await running
        expect(cancelled.trials[0]!.state).toBe('pruned')
        expect(stepsIn(folder, `${cancelled.id}-0`).length).toBeLessThan(8)

        const executor = redisQueue(options)
        const request = { id: 'crashing-0', study: 'crashing', number: 0, params: { kind: 'crash' }, folder }
        const hooks = { report: async () => 'continue' as const, signal: new AbortController().signal }
        expect(await executor.run(request, hooks)).toMatchObject({
          state: 'failed',
          reason: 'the trial crashed (SIGABRT).',
          log: expect.arrayContaining(['trial 0: crash']),
        })
        await executor.close!()
      } finally {
        delete process.env.SEARCH_TEST_STEP
        await worker.close()
      }
    })
  },
)
