import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../tests/temporary-folder.js'
import {
  choice,
  coarseToFineSampler,
  logUniform,
  openStudy,
  randomSampler,
  tpeSampler,
  uniform,
} from './index.js'
import type { Study, StudyOptions } from './study.js'

const space = { x: uniform(0, 1) }
const sampler = randomSampler({ seed: 1 })
const open = (options: Partial<StudyOptions<typeof space>> = {}) =>
  openStudy({
    path: join(temporaryFolder(), 'journal'),
    space,
    metrics: { loss: 'minimize' },
    sampler,
    ...options,
  })

async function ask(study: Study<typeof space>) {
  const trial = await study.ask()
  if (typeof trial === 'string') throw new Error(trial)
  return trial
}

test('a study continued in another process proposes what it would have', async () => {
  const trials = async (reopen: boolean) => {
    const path = join(temporaryFolder(), 'journal')
    const options = { path, sampler: tpeSampler({ seed: 1, startup: 3 }) }
    let study = await open(options)
    for (let index = 0; index < 12; index++) {
      const { number, params } = await ask(study)
      await study.complete(number, (params.x - 0.3) ** 2)
      if (reopen) study = await open(options)
    }
    return study.trials.map(({ params }) => params)
  }
  expect(await trials(true)).toEqual(await trials(false))
})

test('several studies share a journal', async () => {
  const path = join(temporaryFolder(), 'journal')
  const [a, b] = [
    await open({ path, name: 'a' }),
    await open({ path, name: 'b', metrics: { score: 'maximize' } }),
  ]
  for (const [study, value] of [
    [a, 1],
    [b, 2],
    [b, 3],
    [a, 4],
  ] as const) {
    await study.complete((await ask(study)).number, value)
  }
  const values = async (name: string, metrics: Record<string, 'minimize' | 'maximize'>) => {
    const study = await open({ path, name, metrics })
    return [study.trials.map((trial) => trial.values), study.best?.number]
  }
  expect(await values('a', { loss: 'minimize' })).toEqual([[[1], [4]], 0])
  expect(await values('b', { score: 'maximize' })).toEqual([[[2], [3]], 1])
})

test('several metrics have a Pareto front', async () => {
  const study = await open({ metrics: { loss: 'minimize', speed: 'maximize' } })
  for (const [loss, speed] of [
    [1, 1],
    [2, 5],
    [3, 4],
    [0.5, 0.5],
  ] as const) {
    await study.complete((await ask(study)).number, { loss, speed })
  }
  expect(study.front.map(({ number }) => number)).toEqual([0, 1, 3])
})

describe('a result that is none makes a failed trial that says so', () => {
  test.each([
    [Number.NaN, 'the objective returned loss = NaN. The training diverged, or the metric divides by 0.'],
    [undefined, 'the objective returned undefined; expected a number or { loss }. Return the metrics.'],
    [{ los: 1 }, 'the objective returned los; expected a number or { loss }. Name it in metrics.'],
    [{}, 'the objective returned loss = undefined; expected a number or { loss }.'],
    [{ loss: '3' }, 'the objective returned loss = 3; expected a number or { loss }.'],
  ])('%j', async (result, reason) => {
    const study = await open()
    await study.complete((await ask(study)).number, result)
    expect(study.trials[0]).toMatchObject({ state: 'failed', notes: { reason }, values: undefined })
    expect(study.best).toBeUndefined()
  })
})

test('what has ended stays as it is: a second end, a late report', async () => {
  const study = await open()
  const { number } = await ask(study)
  await study.complete(number, 1)
  const before = readFileSync(study.path, 'utf8')
  await study.complete(number, 2)
  await study.fail(number, 'late')
  expect(readFileSync(study.path, 'utf8')).toBe(before)
  await study.report(number, 9, 9)
  expect(study.trials[0]).toMatchObject({ state: 'complete', values: [1], reports: new Map() })
})

test('a trial of a process that died goes on first; one of a living process does not', async () => {
  const study = await open()
  await ask(study)
  expect(await ask(study)).toMatchObject({ number: 1 })
  const { pid } = spawnSync(process.execPath, ['--eval', ''])
  const journal = readFileSync(study.path, 'utf8')
  writeFileSync(study.path, journal.replace(`"pid":${process.pid}`, `"pid":${pid}`))
  const other = await open({ path: study.path })
  expect(await ask(other)).toMatchObject({ number: 0, state: 'running' })
  expect(await ask(other)).toMatchObject({ number: 2 })
})

test('an interrupted trial is asked again, a paused one is not', async () => {
  const study = await open()
  await ask(study)
  await ask(study)
  await study.pause(0)
  await study.interrupt(1)
  expect(study.trials.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
  expect(await ask(study)).toMatchObject({ number: 1 })
  expect(await ask(study)).toMatchObject({ number: 2 })
})

test('a limit and a sampler that is done end the asking', async () => {
  const limited = await open()
  await ask(limited)
  expect(await limited.ask(1)).toBe('done')
  const study = await openStudy({
    path: join(temporaryFolder(), 'journal'),
    space: { rate: logUniform(1e-2, 1e-1) },
    metrics: { loss: 'minimize' },
    sampler: coarseToFineSampler({ extensions: 0 }),
  })
  await study.ask()
  await study.ask()
  expect(await study.ask()).toBe('wait')
  await study.complete(0, 1)
  expect(await study.ask()).toBe('wait')
  await study.complete(1, 2)
  for (const number of [2, 3]) expect(await study.ask()).toMatchObject({ number })
})

test('other metrics, other kinds and unknown options are refused; other ranges are not', async () => {
  const path = join(temporaryFolder(), 'journal')
  await ask(await open({ path }))
  await expect(open({ path, metrics: { loss: 'maximize' } })).rejects.toThrow(
    `openStudy: search in ${path} has the metrics loss: minimize, not loss: maximize. Give the study another name, or another journal.`,
  )
  const openWith = (other: StudyOptions<never>['space']) => open({ path, space: other } as never)
  await expect(openWith({ x: choice(['a']) } as never)).rejects.toThrow(
    `openStudy: search in ${path} has another x, which was a float and is now a choice of ["a"].`,
  )
  await expect(openWith({ x: logUniform(0.1, 1) } as never)).rejects.toThrow(
    'was a float and is now a logarithmic float',
  )
  expect(await ask((await openWith({ x: uniform(5, 6) } as never)) as never)).toMatchObject({ number: 1 })
  await expect(open({ seed: 1 } as never)).rejects.toThrow(
    'openStudy: expected the options path, name, space, metrics, sampler, pruner, onRepair, got seed.',
  )
  await expect(open({ metrics: {} })).rejects.toThrow('openStudy: expected at least one metric, got none.')
  await expect(open({ space: {} as never })).rejects.toThrow(
    'space: expected at least one parameter, got none.',
  )
})

test.each([
  [1.5, 1, 'report: expected step to be a whole number from 0 up, got 1.5. Count steps or epochs.'],
  [1, '2', 'report: expected a number at step 1, got string. Report the first metric.'],
])('report(%s, %j) is refused', async (step, value, message) => {
  const study = await open()
  const { number } = await ask(study)
  await expect(study.report(number, step, value as number)).rejects.toThrow(message)
})
