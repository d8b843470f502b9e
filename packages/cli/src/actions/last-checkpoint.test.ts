import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readLosses } from '@dlkit/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun } from '../../tests/dlkit-process.js'
import { describeWithStandIn } from '../../tests/gpu-stand-in.js'
import { checkpoints } from '../../tests/run-files.js'
import { Failure, UsageError } from '../errors.js'
import { LastCheckpoint } from './last-checkpoint.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const own = fileURLToPath(new URL('../../tests/own-model.ts', import.meta.url))
const gpu = ['--engine', 'onnxruntime-cuda'] as const

test('before the first checkpoint, and of a wrong call, the error is what it was', () => {
  const last = new LastCheckpoint('runs/a')
  const error = new Error('lost')
  expect(last.explain(error)).toBe(error)
  last.note({ type: 'checkpoint', step: 3, path: 'p' })
  const wrong = new UsageError('x')
  expect(last.explain(wrong)).toBe(wrong)
})

test('then it says from which step the run goes on, and how', () => {
  const last = new LastCheckpoint("runs/it's")
  last.note({ type: 'resume', step: 40, skipped: [], repaired: [] })
  const error = new TypeError('lost')
  const explained = last.explain(error) as Failure
  expect(explained).toBeInstanceOf(Failure)
  expect(explained.message).toMatch(
    /^lost\. Continue after step 40 with: .*dlkit.* train --resume 'runs\/it'\\''s'$/,
  )
  expect(explained.cause).toBe(error)
  last.note({ type: 'checkpoint', step: 50, path: 'p' })
  expect((last.explain(new Error('Odd!')) as Failure).message).toMatch(/^Odd! Continue after step 50 with/)
})

describeWithStandIn('a training on a GPU', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dlkit-lost-'))
    await prepareTinyRun(folder)
  })
  afterAll(() => rm(folder, { recursive: true }))
  afterEach(() => {
    for (const name of limits) delete process.env[name]
  })
  const limits = ['DLKIT_STAND_IN_LAUNCHES', 'DLKIT_STAND_IN_BYTES'] as const

  test('that loses it ends with the command that goes on, which does', async () => {
    process.env.DLKIT_STAND_IN_LAUNCHES = '3500'
    const args = ['train', own, ...gpu, '--no-check', '--steps', '150', '--quiet']
    const lost = await dlkit([...args, '--out', 'runs/own'], folder)
    expect(lost.code).toBe(1)
    expect(lost.stderr).toMatch(
      /^dlkit: stand-in: the GPU was lost \([^\n]+\. Continue after step 100 with: dlkit train --resume runs\/own\n$/,
    )
    expect(await checkpoints(join(folder, 'runs/own'))).toEqual(['step-000000', 'step-000100'])
    delete process.env.DLKIT_STAND_IN_LAUNCHES
    const resumed = await dlkit(['train', '--resume', 'runs/own', '--quiet'], folder)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect((await readLosses(join(folder, 'runs/own'))).length).toBe(150)
  })

  test('of the colouring network that has too little memory says so in one line', async () => {
    process.env.DLKIT_STAND_IN_BYTES = '700000'
    const { code, stderr } = await dlkit(
      ['train', 'tiny.json', ...gpu, '--out', 'runs/colours', '--no-check'],
      folder,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^dlkit: stand-in: no memory left [^\n]+\. Continue after step 0 with: dlkit train --resume runs\/colours\n$/,
    )
    expect(await checkpoints(join(folder, 'runs/colours'))).toEqual(['step-000000'])
  })
})
