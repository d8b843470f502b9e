import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { presets } from '@dlkit/gan-colorize/config'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit, modulesOf } from '../tests/dlkit-process.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-run-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('help', () => {
  test('lists every command, with examples', async () => {
    const { code, stdout, stderr } = await dlkit(['--help'], folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of [
      'train',
      'colorize',
      'check',
      'overfit',
      'lr-find',
      'dashboard',
      'engine',
      'gpu',
      'report',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
      expect(stdout).toContain(`$ dlkit ${command === 'report' ? 'train' : command}`)
    }
  })

  test('of train names every preset', async () => {
    const { stdout } = await dlkit(['train', '--help'], folder)
    for (const preset of Object.keys(presets)) expect(stdout).toContain(preset)
  })

  test('loads neither tfjs nor zod, in contrast to `dlkit engine`', async () => {
    const heavy = (urls: string[]) =>
      urls.filter((url) => /@tensorflow|node_modules\/zod|echarts|sharp/.test(url))
    expect(heavy(await modulesOf(['--help'], folder))).toEqual([])
    expect(heavy(await modulesOf(['train', '--help'], folder))).toEqual([])
    expect(heavy(await modulesOf(['--version'], folder))).toEqual([])
    expect(heavy(await modulesOf(['engine', '--no-speed'], folder)).join()).toContain('@tensorflow/tfjs-core')
  })

  test('is shown on stderr when nothing is asked for', async () => {
    const { code, stdout, stderr } = await dlkit([], folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: dlkit')
  })
})

test('the version is the one of the package', async () => {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  expect((await dlkit(['--version'], folder)).stdout).toBe(`${JSON.parse(manifest).version}\n`)
})

describe('a wrong call ends with 2 and one line', () => {
  test.each([
    [['trian'], "unknown command 'trian' (Did you mean train?)"],
    [['train', '--stepz', '3'], "unknown option '--stepz' (Did you mean --steps?)"],
    [['train', '--steps', 'many'], '--steps: expected a number, got "many"'],
    [['train', '--steps'], "option '--steps <count>' argument missing"],
    [
      ['train', '--preset', 'dmeo'],
      '--preset: expected demo or standard or quality or debug, got dmeo; did you mean demo?',
    ],
    [['train', 'a.json', 'b.json'], 'too many arguments'],
    [['train', '--out', ''], '--out: expected text, got ""'],
    [['train', '--resume', ''], '--resume: expected text, got ""'],
    [['train', '.'], '.: no such configuration file'],
    [['colorize', 'a.png', '--run', 'x', '-o', ''], '--out: expected text, got ""'],
    [['colorize', '--run', 'x', '-o', 'out'], "missing required argument 'paths'"],
    [['engine', '--engine', 'abacus'], 'got "abacus"'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await dlkit(args, folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^dlkit: [^\n]+\n$/)
    expect(stderr).toContain(message)
  })

  test('--verbose adds the stack', async () => {
    const { code, stderr } = await dlkit(['train', '--steps', 'many', '--verbose'], folder)
    expect(code).toBe(2)
    expect(stderr).toContain('resolve-config.ts')
  })
})

test('dlkit engine names the engine, and why not the others', async () => {
  const { code, stdout } = await dlkit(['engine', '--json', '--no-speed'], folder)
  expect(code).toBe(0)
  const { name, device, version, reason, others } = JSON.parse(stdout)
  expect({ device, version }).toEqual({
    device: expect.stringMatching(/^[cg]pu$/),
    version: expect.stringMatching(/^\d/),
  })
  expect(reason).not.toBe('')
  expect([name, ...others.map((other: { name: string }) => other.name)]).toContain('wasm')

  const text = await dlkit(['engine', '--engine', 'cpu'], folder)
  expect(text.stdout).toMatch(/^cpu +version \d.*; [\d.]+ steps\/s here$/m)
  expect(text.stdout).toMatch(/^wasm +cpu was asked for; [\d.]+ steps\/s here$/m)
})
