import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../tests/temporary-folder.js'
import {
  inProcess,
  medianPruner,
  type Objective,
  openStudy,
  type Pruner,
  randomSampler,
  runStudy,
  successiveHalving,
  uniform,
} from './index.js'

const space = { x: uniform(0, 1) }
type Trained = { x: number }

const open = (pruner?: Pruner) =>
  openStudy({
    path: join(temporaryFolder(), 'journal'),
    space,
    metrics: { loss: 'minimize' },
    sampler: randomSampler({ seed: 4 }),
    ...(pruner && { pruner }),
  })

/** Trains for `steps` steps from its checkpoint on; the loss falls, and is the lower the lower x is. */
const training =
  (steps: number, counts: number[] = []): Objective<Trained> =>
  async ({ number, params, folder, report }) => {
    const checkpoint = join(folder, 'step')
    let step = existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8')) : 0
    while (step < steps) {
      step++
      counts[number] = (counts[number] ?? 0) + 1
      writeFileSync(checkpoint, String(step))
      await report(step, params.x + 1 / step)
    }
    return params.x + 1 / steps
  }

test('runs trials, in parallel too, and continues where a study stopped', async () => {
  const study = await open()
  await runStudy(study, { trials: 3, executor: inProcess(training(2)) })
  await runStudy(study, { trials: 8, parallel: 4, executor: inProcess(training(2)) })
  expect(study.trials.map(({ state, number }) => [number, state])).toEqual(
    Array.from({ length: 8 }, (_, number) => [number, 'complete']),
  )
  expect(study.best?.params.x).toBe(Math.min(...study.trials.map(({ params }) => params.x)))
})

test('the median pruner stops what is worse than half of the others', async () => {
  const study = await open(medianPruner({ startup: 4, warmup: 2 }))
  await runStudy(study, { trials: 30, executor: inProcess(training(4)) })
  const pruned = study.trials.filter(({ state }) => state === 'pruned')
  const complete = study.trials.filter(({ state }) => state === 'complete')
  expect(pruned.length).toBeGreaterThan(5)
  for (const { reports } of pruned) expect([...reports.keys()]).toEqual([1, 2])
  const worst = Math.max(...complete.slice(4).map(({ params }) => params.x))
  expect(Math.min(...pruned.map(({ params }) => params.x))).toBeGreaterThan(Math.min(worst, 0.3))
})

test('successive halving pauses most trials and resumes the best from their checkpoints', async () => {
  const study = await open(successiveHalving({ firstRung: 1, factor: 3 }))
  const counts: number[] = []
  await runStudy(study, { trials: 27, parallel: 3, executor: inProcess(training(9, counts)) })
  const stepsOf = study.trials.map(({ reports }) => Math.max(...reports.keys()))
  expect(counts).toEqual(stepsOf)
  const reached = (step: number) => stepsOf.filter((steps) => steps >= step).length
  expect(reached(1)).toBe(27)
  expect(reached(2)).toBeGreaterThanOrEqual(9)
  expect(reached(2)).toBeLessThan(15)
  expect(reached(9)).toBeGreaterThanOrEqual(1)
  expect(reached(9)).toBeLessThan(7)
  expect(study.best?.params.x).toBe(Math.min(...study.trials.map(({ params }) => params.x)))
  expect(study.trials.filter(({ state }) => state === 'running')).toEqual([])
  await runStudy(study, { trials: 60, executor: inProcess(training(9, counts)) })
  expect(
    study.trials.some(
      ({ number, state, notes }) => number < 27 && state === 'complete' && notes.rung !== undefined,
    ),
  ).toBe(true)
})

test('an interrupted run leaves trials that the next run finishes from their checkpoints', async () => {
  const study = await open()
  const stop = new AbortController()
  const counts: number[] = []
  const interrupting: Objective<Trained> = async (trial) => {
    const report = async (step: number, value: number) => {
      if (trial.number === 2 && step === 2) stop.abort()
      await trial.report(step, value)
    }
    return training(3, counts)({ ...trial, report })
  }
  await runStudy(study, { trials: 5, executor: inProcess(interrupting), signal: stop.signal })
  expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'waiting'])
  await runStudy(study, { trials: 5, executor: inProcess(training(3, counts)) })
  expect(study.trials.map(({ state }) => state)).toEqual(Array(5).fill('complete'))
  expect(counts).toEqual([3, 3, 3, 3, 3])
})

test('a trial that throws is a result; many in a row end the run', async () => {
  const study = await open()
  const sometimes: Objective<Trained> = ({ number }) => {
    if (number === 1) throw new Error('no data')
    return 1
  }
  await runStudy(study, { trials: 3, executor: inProcess(sometimes) })
  expect(study.trials.map(({ state }) => state)).toEqual(['complete', 'failed', 'complete'])
  expect(study.trials[1]!.notes).toMatchObject({
    reason: 'no data',
    log: expect.arrayContaining(['Error: no data']),
  })
  const never: Objective<Trained> = () => Number.NaN
  await expect(runStudy(study, { trials: 99, failures: 2, executor: inProcess(never) })).rejects.toThrow(
    'runStudy: 2 trials failed in a row, the last one, 4: the objective returned loss = NaN.',
  )
  expect(study.trials).toHaveLength(5)
})

test('unknown options are refused', async () => {
  const study = await open()
  const executor = inProcess(() => 1)
  await expect(runStudy(study, { trials: 1, executor, workers: 2 } as never)).rejects.toThrow('got workers')
  await expect(runStudy(study, { trials: 0, executor })).rejects.toThrow(
    'expected trials to be a whole number from 1 up, got 0',
  )
  expect(() => successiveHalving({ firstRung: 1, factor: 1 })).toThrow(
    'expected factor to be a whole number from 2 up',
  )
  expect(() => medianPruner({ percentile: 1 } as never)).toThrow('got percentile')
})

test('what an objective does to its parameters stays with it, and a study named .. keeps its folders beside the journal', async () => {
  const path = join(temporaryFolder(), 'journal')
  const study = await openStudy({
    path,
    name: '..',
    space,
    metrics: { loss: 'minimize' },
    sampler: randomSampler({ seed: 1 }),
  })
  const folders: string[] = []
  const spoiling: Objective<Trained> = ({ params, folder }) => {
    folders.push(folder)
    params.x = -1
    return 1
  }
  await runStudy(study, { trials: 1, executor: inProcess(spoiling) })
  expect(study.trials[0]!.params.x).toBeGreaterThanOrEqual(0)
  expect(folders).toEqual([`${path}.trials/%2E%2E/0`])
})
