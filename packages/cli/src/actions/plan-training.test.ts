import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { planTraining } from './plan-training.js'

const before = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-plan-'))
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir(before)
  await rm(folder, { recursive: true })
})

test('a run folder is named after the time when none is given; another one in that second gets a number', async () => {
  vi.useFakeTimers({ now: new Date(2026, 0, 31, 17, 45, 9), toFake: ['Date'] })
  expect(await planTraining(undefined, {})).toMatchObject({ out: 'runs/2026-01-31-174509', resume: false })
  await mkdir('runs/2026-01-31-174509', { recursive: true })
  await writeFile('runs/2026-01-31-174509/config.json', '{}')
  expect((await planTraining(undefined, {})).out).toBe('runs/2026-01-31-174509-2')
  vi.useRealTimers()
})

test('dlkit.config.json of the current folder is used', async () => {
  await writeFile('dlkit.config.json', '{"steps": 77}')
  expect((await planTraining(undefined, { seed: '5' })).config).toMatchObject({ steps: 77, seed: 5 })
})
