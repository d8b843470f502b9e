import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { noRedis, startRedis } from '../../../search/tests/redis-server.js'
import { dlkit, startDlkit, startInTerminal } from '../../tests/dlkit-process.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const own = fileURLToPath(new URL('../../tests/own-model.ts', import.meta.url))
let folder: string
const call = (...args: string[]) => dlkit(args, folder)
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-search-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('tune', () => {
  test('searches, goes on with its journal, and says how to train with the best', async () => {
    const first = await call('tune', own, '--trials', '2', '--epochs', '2', '--json')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    const trials = lines(first.stdout).filter(({ type }) => type === 'trial')
    expect(trials.map(({ number, state }) => `${number} ${state}`)).toEqual(['0 complete', '1 complete'])
    const { code, screen } = await startInTerminal(['tune', own, '--trials', '3', '--epochs', '2'], folder, {
      NO_COLOR: '1',
    }).ended
    expect(code).toBe(0)
    expect(screen).toMatch(/Journal: runs\/own-model\.journal, 2 of 3 trials complete/)
    expect(screen).toMatch(/Trial 2: val_loss [\d.]+ with units=\d+ rate=/)
    expect(screen).not.toContain('Trial 1:')
    const [, set] = /train \S+own-model\.ts --set (units=\d+ rate=\S+)/.exec(screen)!
    const best = [
      ...trials,
      JSON.parse(`{"val_loss": ${/Best: trial \d, val_loss ([\d.]+)/.exec(screen)![1]}}`),
    ]
    expect(Math.min(...trials.map(({ val_loss }) => val_loss))).toBeGreaterThanOrEqual(
      best.at(-1).val_loss - 0.01,
    )
    const trained = await call('train', own, '--set', ...set!.split(' '), '--steps', '2', '--no-check')
    expect(trained.code).toBe(0)
  })

  test('Ctrl-C interrupts the running trial, which goes on from its checkpoint', async () => {
    const args = ['tune', own, '--trials', '1', '--epochs', '60', '--journal', 'j/journal', '--json']
    const running = startDlkit(args, folder)
    const log = join(folder, 'j/journal.trials/own-model/0/run/metrics.jsonl')
    const steps = () =>
      readFile(log, 'utf8').then(
        (text) => text.trim().split('\n').length,
        () => 0,
      )
    await vi.waitUntil(async () => (await steps()) > 20, { timeout: 60_000 })
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    const before = await steps()
    expect(before).toBeLessThan(420)
    const { code, stdout } = await call(...args)
    expect(code).toBe(0)
    expect(lines(stdout)[0]).toMatchObject({ type: 'trial', number: 0, state: 'complete' })
    expect(await steps()).toBe(420)
  })

  test.each<[string[], string, number, RegExp]>([
    [['--sampler', 'tpee'], own, 2, /--sampler: expected tpe, .* did you mean tpe\?/],
    [['--prune', 'medain'], own, 2, /--prune: .*did you mean median\?/],
    [['--trials', '0'], own, 2, /--trials: expected a whole number >= 1/],
    [[], 'nospace.mjs', 2, /nospace\.mjs: exports no space to search; write export const space = /],
    [[], 'wrong.mjs', 2, /wrong\.mjs: space\.unit: not among the exported params; did you mean units\?/],
    [
      ['--trials', '1', '--epochs', '1', '--metric', 'val_los', '--journal', 'k/j'],
      own,
      1,
      /no trial was completed; the last one failed: --metric: \S+ has no val_los/,
    ],
  ])('%j %s is refused in one line', async (args, file, code, message) => {
    await writeFile(join(folder, 'nospace.mjs'), 'export default () => ({})')
    await writeFile(
      join(folder, 'wrong.mjs'),
      "export const params = { units: 3 }; export const space = { unit: { kind: 'int', low: 1, high: 2 } }",
    )
    const ended = await call('tune', file, ...args, '--quiet')
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
    expect(ended.stderr).toMatch(/^dlkit: [^\n]+\n$/)
    expect(ended.stderr).toMatch(message)
  })
})

describe.skipIf(noRedis !== undefined)(`worker (${noRedis ?? 'with a Redis of its own'})`, () => {
  test('trains what tune --redis asks for, until it is stopped', async () => {
    const redis = await startRedis()
    const url = `redis://localhost:${redis.connection.port}`
    const worker = startDlkit(['worker', own, '--redis', url, '--json'], folder)
    await worker.prints(/"ready"/)
    const { code, stdout } = await call(
      'tune',
      own,
      '--redis',
      url,
      '--trials',
      '2',
      '--epochs',
      '2',
      '--journal',
      'r/journal',
      '--json',
    )
    expect(code).toBe(0)
    expect(lines(stdout).map(({ type }) => type)).toEqual(['trial', 'trial', 'best'])
    // The worker was not told of the epochs.
    const [trial] = await readdir(join(folder, 'runs/trials'))
    const config = JSON.parse(await readFile(join(folder, 'runs/trials', trial!, 'run/config.json'), 'utf8'))
    expect(config.steps).toBe(2 * Math.ceil(200 / config.batch))
    worker.child.kill('SIGINT')
    expect((await worker.ended).code).toBe(0)
  })
})

test('ablate tells effects from chance, and goes on with its journal', async () => {
  const { code, stdout } = await call('ablate', own, '--epochs', '2')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^hardly any learning: \+[\d.]+ \[.+\], worse with 3 seeds\.$/m)
  expect(stdout).toMatch(/^a little wider: .*the seeds explain the difference/m)
  const again = lines((await call('ablate', own, '--epochs', '2', '--json')).stdout)
  expect(again.map(({ type }) => type)).toEqual(['effect', 'effect'])
})
