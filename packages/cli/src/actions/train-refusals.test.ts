import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, tinyConfig } from '../../tests/dlkit-process.js'
import { contents } from '../../tests/run-files.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-refusals-'))
  await prepareTinyRun(folder)
  await mkdir(join(folder, 'empty'))
  await mkdir(join(folder, 'taken'))
  await writeFile(join(folder, 'taken/file.txt'), '')
  await mkdir(join(folder, 'damaged'))
  await writeFile(join(folder, 'damaged/a.png'), 'no picture')
  await writeFile(join(folder, 'damaged/b.jpg'), '')
  await writeFile(join(folder, 'mistake.json'), '{"model": {"filters": "many"}}')
  await writeFile(
    join(folder, 'aimless.json'),
    JSON.stringify({ ...tinyConfig, loss: { l1Weight: 0, adversarialWeight: 0 } }),
  )
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  [
    'a missing data folder',
    ['--data', 'nowhere', '--out', 'runs/a'],
    2,
    /dlkit: --data: .*got nowhere .no such/,
  ],
  ['an empty data folder', ['--data', 'empty', '--out', 'runs/a'], 1, /expected colour pictures, got none/],
  [
    'a folder without a usable picture',
    ['--data', 'damaged', '--out', 'runs/a'],
    1,
    /expected at least 2 usable colour pictures, got 0.*b\.jpg: empty file/,
  ],
  ['an output folder that is taken', ['--out', 'taken'], 1, /taken: exists already.*--out/],
  ['an output folder below a file', ['--out', 'tiny.json/run'], 1, /tiny\.json is a file/],
  ['--resume of a folder that is no run', ['--resume', 'taken'], 1, /folder of a run, got taken/],
  ['--resume of nothing', ['--resume', 'nowhere'], 1, /folder of a run, got nowhere/],
  ['--resume with another size', ['--resume', 'taken', '--size', '32'], 2, /--size cannot be changed/],
  [
    '--resume with a configuration',
    ['--resume', 'taken', 'mistake.json'],
    2,
    /mistake\.json cannot be changed/,
  ],
  [
    'a wrong configuration',
    ['mistake.json'],
    2,
    /mistake\.json:1: model\.filters: expected a number, got "many"/,
  ],
  ['a size that does not fit', ['tiny.json', '--size', '18'], 2, /--size: expected a multiple of 4/],
  [
    'a loss that teaches nothing',
    ['aimless.json'],
    3,
    /the colouring network: 1 check failed, nothing was trained\. Mend that first, or train with --no-check/,
  ],
])('%s is refused in one line, and nothing is written', async (_, args, expected, message) => {
  const config = args.includes('--resume') || args[0]?.endsWith('.json') ? [] : ['tiny.json']
  const before = await contents(folder)
  const { code, stdout, stderr } = await dlkit(['train', ...config, ...args, '--json'], folder)
  expect(stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/^dlkit: \w+: expected/)
  expect(code).toBe(expected)
  expect(stdout).not.toContain('"step"')
  expect((await contents(folder)).filter((name) => !name.startsWith('cache'))).toEqual(before)
})
