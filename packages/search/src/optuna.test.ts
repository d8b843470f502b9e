import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePort } from '../tests/redis-server.js'
import { temporaryFolder } from '../tests/temporary-folder.js'
import {
  choice,
  conditional,
  int,
  logUniform,
  openStudy,
  parameterImportance,
  randomSampler,
  readStudies,
  uniform,
} from './index.js'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const space = {
  rate: logUniform(1e-5, 1e-1),
  dropout: uniform(0, 0.5),
  layers: int(2, 8, { step: 2 }),
  units: int(1, 512, { log: true }),
  optimizer: choice(['adam', 'sgd', null]),
  momentum: conditional(uniform(0, 1), { optimizer: 'sgd' }),
}
const sampler = randomSampler({ seed: 1 })

async function openOptunas() {
  const path = join(temporaryFolder(), 'optuna.journal')
  copyFileSync(fixture('optuna.journal'), path)
  return openStudy({ path, space, metrics: { loss: 'minimize' }, sampler })
}

const expected = JSON.parse(readFileSync(fixture('optuna.json'), 'utf8'))
const text = (value: number) =>
  Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf').toLowerCase()
const STATES = {
  complete: 'COMPLETE',
  pruned: 'PRUNED',
  failed: 'FAIL',
  running: 'RUNNING',
  waiting: 'WAITING',
}

test('reads what Optuna wrote, and goes on with it', async () => {
  const study = await openOptunas()
  const read = study.trials.map(({ number, state, params, values, reports, notes }) => ({
    number,
    state: STATES[state],
    params,
    values: values?.map(text) ?? null,
    reports: Object.fromEntries([...reports].map(([step, value]) => [step, text(value)])),
    notes,
  }))
  expect(read).toEqual(expected.trials)
  expect(await study.ask()).toMatchObject({ number: 40, state: 'running' })
})

test('importance is that of Optuna', async () => {
  const importance = parameterImportance(await openOptunas())
  expect(Object.keys(importance)).toEqual(Object.keys(expected.importance))
  for (const [name, share] of Object.entries(importance))
    expect(share).toBeCloseTo(expected.importance[name], 6)
})

test('whoever only looks sees the same trials and their importance', async () => {
  const study = await openOptunas()
  const studies = readStudies(`${readFileSync(study.path, 'utf8')}{"op_code": 4, "stu`)
  const seen = studies.find(({ name }) => name === study.name)
  expect(studies.length).toBeGreaterThan(1)
  expect(seen!.metrics).toEqual({ 'value 0': 'minimize' }) // Its maker named none.
  expect(seen!.trials).toEqual(study.trials)
  expect(parameterImportance(seen!)).toEqual(parameterImportance(study))
})

const hasOptuna = spawnSync('python3', ['-c', 'import optuna']).status === 0

async function writeStudy(path: string) {
  const study = await openStudy({
    path,
    name: 'größe',
    space,
    metrics: { loss: 'minimize', time: 'maximize' },
    sampler,
  })
  for (let index = 0; index < 6; index++) {
    const trial = await study.ask()
    if (typeof trial === 'string') throw new Error(trial)
    await study.report(trial.number, 1, index === 0 ? Number.NaN : 2.5)
    if (index === 0) await study.complete(0, { loss: 0.1, time: 3 })
    if (index === 1) await study.complete(1, { loss: Number.NaN, time: 3 })
    if (index === 2) await study.prune(2)
    if (index === 3) await study.pause(3)
    if (index === 4) await study.fail(4, 'no memory', ['last line'])
  }
  return study
}

test.skipIf(!hasOptuna)(
  "Optuna reads a study that was written here, and continues it (needs Python's optuna)",
  async () => {
    const path = join(temporaryFolder(), 'search.journal')
    const study = await writeStudy(path)
    const { status, stdout, stderr } = spawnSync('python3', [fixture('read-journal.py'), path, 'größe'], {
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    const read = JSON.parse(stdout)
    expect(read).toMatchObject({ directions: ['MINIMIZE', 'MAXIMIZE'], metrics: ['loss', 'time'] })
    expect(read.trials).toEqual(
      study.trials.map(({ number, state, params, values, reports, notes, ended }) => ({
        number,
        state: STATES[state],
        params,
        distributions: {
          rate: 'FloatDistribution(high=0.1, log=True, low=1e-05, step=None)',
          dropout: 'FloatDistribution(high=0.5, log=False, low=0.0, step=None)',
          layers: 'IntDistribution(high=8, log=False, low=2, step=2)',
          units: 'IntDistribution(high=512, log=True, low=1, step=1)',
          optimizer: "CategoricalDistribution(choices=('adam', 'sgd', None))",
          ...('momentum' in params && {
            momentum: 'FloatDistribution(high=1.0, log=False, low=0.0, step=None)',
          }),
        },
        values: values ?? null,
        reports: Object.fromEntries([...reports].map(([step, value]) => [step, String(value).toLowerCase()])),
        reason: notes.reason ?? null,
        ended: ended !== undefined,
      })),
    )
    await study.refresh()
    expect(study.trials.slice(6).map(({ state, values }) => ({ state, values }))).toEqual([
      { state: 'complete', values: [1, 1] },
    ])
  },
)

const hasDashboard = spawnSync('optuna-dashboard', ['--version']).status === 0

test.skipIf(!hasDashboard)('optuna-dashboard opens the journal (needs optuna-dashboard)', async () => {
  const path = join(temporaryFolder(), 'search.journal')
  await writeStudy(path)
  const port = await freePort()
  const dashboard = spawn('optuna-dashboard', [path, '--port', String(port)], { stdio: 'ignore' })
  try {
    const studies = await getJson(`http://127.0.0.1:${port}/api/studies`)
    expect(studies).toMatchObject({ study_summaries: [{ study_name: 'größe' }] })
    const study = await getJson(`http://127.0.0.1:${port}/api/studies/0`)
    expect(study.trials.map(({ state }) => state)).toEqual([
      'Complete',
      'Fail',
      'Pruned',
      'Waiting',
      'Fail',
      'Running',
    ])
  } finally {
    dashboard.kill('SIGKILL')
  }
})

async function getJson(url: string): Promise<{ trials: { state: string }[] }> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return (await response.json()) as never
    if (attempt > 200) throw new Error(`${url}: ${response?.status ?? 'no answer'}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
