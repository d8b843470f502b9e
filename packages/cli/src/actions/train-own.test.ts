import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readLosses } from '@dlkit/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, type Ended, startDlkit, startInTerminal } from '../../tests/dlkit-process.js'
import { checkpoints, contents } from '../../tests/run-files.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const own = fileURLToPath(new URL('../../tests/own-model.ts', import.meta.url))
const buggy = fileURLToPath(new URL('../../tests/my-model.ts', import.meta.url))
let folder: string
let whole: Ended
const at = (name: string) => join(folder, name)
const train = (...args: string[]) => dlkit(['train', ...args], folder)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-own-'))
  whole = await train(own, '--steps', '1500', '--out', 'runs/whole')
})
afterAll(() => rm(folder, { recursive: true }))

test('a model of one’s own is checked and trained; its run has everything', async () => {
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  expect(whole.stdout).toMatch(/^\d+ of 13 checks passed/m)
  expect(whole.stdout).toMatch(/^Data: \S+own-model\.ts, 200 training, 41 validation, 42 test samples$/m)
  expect(whole.stdout).toMatch(/^Trained 1500 steps in .+: loss [\d.]+ acc [\d.]+/m)
  expect(whole.stdout).toMatch(/│ model │ +[\d.]+ │ +[\d.]+ │/)
  expect(await checkpoints(at('runs/whole'))).toEqual(['step-001300', 'step-001400', 'step-001500'])
  const lines = (await readFile(at('runs/whole/metrics.jsonl'), 'utf8')).trim().split('\n')
  const last = JSON.parse(lines.at(-1)!)
  expect(last).toMatchObject({ step: 1500, loss: expect.any(Number), gradient: expect.any(Number) })
  expect(last.val_loss).toBeLessThan(0.3)
  const evaluation = JSON.parse(await readFile(at('runs/whole/evaluation.json'), 'utf8'))
  expect(evaluation).toMatchObject({ step: 1500, split: 'validation', count: 41 })
  expect(evaluation.model.loss).toBe(last.val_loss)
  expect(await readFile(at('runs/whole/report.html'), 'utf8')).toContain('Samples of the validation set (41)')
})

test('after Ctrl-C it goes on exactly, from what the hint says', async () => {
  const stopped = startInTerminal(['train', own, '--steps', '1500', '--out', 'runs/stopped'], folder)
  await stopped.shows(/Training .*[1-9]\d*\/1500/)
  stopped.type('\u0003')
  const { code, screen } = await stopped.ended
  expect(code).toBe(130)
  expect(screen).toMatch(/Stopped after step \d+\. Continue with:\r?\n {2}dlkit train --resume runs\/stopped/)
  const { code: resumed, stdout } = await train('--resume', 'runs/stopped')
  expect(resumed).toBe(0)
  expect(stdout).toMatch(/^Continuing after step \d+$/m)
  expect(await readLosses(at('runs/stopped'))).toEqual(await readLosses(at('runs/whole')))
})

test('a model with a bug is not trained, but with --no-check', async () => {
  const { code, stderr, stdout } = await train(buggy, '--out', 'runs/bug', '--quiet')
  expect(code).toBe(3)
  expect(stdout).toMatch(/^fail initial-loss: [^\n]+\n {5}→ First [^\n]+\n/m)
  expect(stderr).toMatch(/^dlkit: \S+my-model\.ts: \d checks? failed, nothing was trained\. .*--no-check\n$/)
  expect(await contents(folder)).not.toContain('runs/bug')
  const anyway = await train(buggy, '--out', 'runs/bug', '--no-check', '--steps', '3', '--json')
  expect(anyway).toMatchObject({ code: 0, stderr: '' })
  const events = anyway.stdout.trim().split('\n')
  expect(events.map((line) => JSON.parse(line).type)).toEqual([
    'start',
    'samples',
    'checkpoint',
    'training',
    'step',
    'step',
    'step',
    'checkpoint',
    'end',
  ])
})

test('parameters, batch and epochs are changed by options', async () => {
  const options = ['--set', 'units=5', 'dropout=0', '--batch', '100', '--epochs', '2', '--no-check']
  expect((await train(own, ...options, '--out', 'runs/set')).code).toBe(0)
  expect(JSON.parse(await readFile(at('runs/set/config.json'), 'utf8'))).toMatchObject({
    params: { units: 5, rate: 0.01, dropout: 0 },
    batch: 100,
    steps: 4,
  })
})

test('a run is not continued on other data', async () => {
  await cp(at('runs/whole'), at('runs/moved'), { recursive: true })
  process.env.DATA = '2'
  const { code, stderr } = await train('--resume', 'runs/moved', '--steps', '1510')
  delete process.env.DATA
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^dlkit: \S+own-model\.ts: gives other data than runs\/moved was trained on[^\n]*\n$/,
  )
})

test('a kill loses what came after the last checkpoint, and nothing else', async () => {
  const killed = startDlkit(
    ['train', own, '--steps', '100000', '--out', 'runs/killed', '--no-check', '--json'],
    folder,
  )
  await killed.prints(/"type":"checkpoint","step":[2-9]00/)
  killed.child.kill('SIGKILL')
  await killed.ended
  const [newest] = (await checkpoints(at('runs/killed'))).reverse()
  const resumed = startDlkit(['train', '--resume', 'runs/killed', '--json'], folder)
  await resumed.prints(/"type":"step"/)
  resumed.child.kill('SIGINT')
  const { code, stdout } = await resumed.ended
  expect(code).toBe(130)
  expect(stdout).toContain(`"type":"resume","step":${Number(newest!.slice(5))},`)
})

test.each<[string[], number, RegExp]>([
  [[own, '--set', 'unit=3'], 2, /--set: there is no parameter "unit" in \S+; did you mean units\?/],
  [[own, '--set', 'units'], 2, /--set: expected name=value, got "units"/],
  [[own, '--preset', 'demo'], 2, /--preset: is for the built-in model/],
  [['--epochs', '3'], 2, /--epochs: is for models of your own/],
  [['missing-model.ts'], 2, /missing-model\.ts: no such file/],
  [['--resume', 'runs/whole', '--seed', '3'], 2, /--seed cannot be changed/],
  [['--resume', 'runs/whole', '--steps', '3'], 2, /--steps: expected a whole number >= 1500/],
  [[own, '--out', 'runs/whole'], 1, /runs\/whole: exists already.*train --resume runs\/whole/],
])('%j is refused in one line', async (args, code, message) => {
  const ended = await train(...args)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(ended.stderr).toMatch(message)
})
