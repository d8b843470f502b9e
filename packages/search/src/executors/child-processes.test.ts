import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../tests/temporary-folder.js'
import {
  type ChildOptions,
  childProcesses,
  choice,
  openStudy,
  randomSampler,
  runStudy,
  uniform,
} from '../index.js'

const module = new URL('../../tests/objective.ts', import.meta.url)

async function endOf(kind: string, options: Partial<ChildOptions> = {}) {
  const path = join(temporaryFolder(), 'journal')
  const space = { x: uniform(0, 1), kind: choice([kind]) }
  const study = await openStudy({
    path,
    space,
    metrics: { loss: 'minimize' },
    sampler: randomSampler({ seed: 1 }),
  })
  await runStudy(study, { trials: 1, executor: childProcesses({ module, ...options }) })
  const [trial] = study.trials
  return { ...trial!, log: readFileSync(`${path}.trials/search/0/log.txt`, 'utf8') }
}

test('a trial trains in its own process, reports, and leaves its log', async () => {
  const { state, values, reports, log, params } = await endOf('train')
  expect({ state, values }).toEqual({ state: 'complete', values: [params.x] })
  expect([...reports.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(log.split('\n')).toEqual([
    'trial 0: train',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => `trial 0 step ${step}`),
    '',
  ])
})

test.each([
  ['crash', {}, 'the trial crashed (SIGABRT).', 'trial 0: crash'],
  ['exit', {}, 'the trial ended its process with code 3.', 'trial 0: exit'],
  ['leave', {}, 'the trial ended its process without a result.', 'trial 0: leave'],
  ['throw', {}, 'no data', 'Error: no data'],
  ['later', {}, 'the trial ended its process with code 1.', 'Error: lost promise'],
  [
    'killed',
    {},
    'the trial was killed, probably by the system for lack of memory (SIGKILL).',
    'trial 0: killed',
  ],
  [
    'memory',
    { memory: 60 },
    'the trial ran out of memory: the heap of JavaScript is full. Raise memory, or keep less.',
    'heap out of memory',
  ],
  ['hang', { silence: 4 }, 'the trial hung: no report and no output for 4 s.', 'trial 0: hang'],
  ['silent', { timeout: 4 }, 'the trial took longer than 4 s.', 'trial 0: silent'],
])('%s is a failed trial with its last lines', async (kind, options, reason, line) => {
  const { state, notes } = await endOf(kind, options)
  expect(state).toBe('failed')
  expect(notes.reason).toBe(reason)
  expect((notes.log as string[]).join('\n')).toContain(line)
})

test('steps with output in between do not count as silence', async () => {
  process.env.SEARCH_TEST_STEP = '700'
  try {
    expect(await endOf('train', { silence: 4 })).toMatchObject({ state: 'complete' })
  } finally {
    delete process.env.SEARCH_TEST_STEP
  }
})

test('a module that is not there and limits below 0 are refused', () => {
  expect(() => childProcesses({ module: '/nowhere/objective.js' })).toThrow(
    'childProcesses: expected the module of the objective at /nowhere/objective.js, found no file. Give its path or URL.',
  )
  expect(() => childProcesses({ module, timeout: 0 })).toThrow(
    'childProcesses: expected timeout above 0, got 0.',
  )
  expect(() => childProcesses({ module, seconds: 1 } as never)).toThrow('got seconds')
})
