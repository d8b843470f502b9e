import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dlkit } from '../../tests/dlkit-process.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const myModel = fileURLToPath(new URL('../../tests/my-model.ts', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-check-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('dlkit check', () => {
  test('names the bug of a model, what to do, and ends with 3', async () => {
    const { code, stdout, stderr } = await dlkit(['check', myModel], folder)
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout).toMatch(/^pass inputs: /m)
    expect(stdout).toMatch(
      /^fail initial-loss: .*no probabilities.*\n {5}→ First end the last layer with softmax/m,
    )
    expect(stdout).toMatch(
      /\n\d+ of 17 checks passed, 1 failed.*, \d+ skipped\nMore about it: dlkit explain initial-loss\n$/,
    )
  })

  test('has nothing against the model without the bug, and prints JSON', async () => {
    process.env.BUG = 'none'
    const { code, stdout } = await dlkit(
      ['check', myModel, '--json', '--skip', 'label-shuffling', '--seed', '3', '--batch-size', '16'],
      folder,
    )
    delete process.env.BUG
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([])
    expect({ code, count: results.length }).toEqual({ code: 0, count: 16 })
  })

  test.each<[string, string | undefined, string[], number, RegExp]>([
    ['no file', undefined, [], 2, /no such file/],
    ['no training', 'export default 3', [], 2, /expected a default export with model and data, got 3/],
    ['a file that fails', 'throw new Error("no data here")', [], 1, /mine\.mjs: no data here/],
    [
      'data that are none',
      'export default { model: { loss: () => {}, variables: [] }, data: {} }',
      [],
      1,
      /mine\.mjs: expected data with inputs and targets/,
    ],
    ['an unknown check', undefined, ['--skip', 'initial-los'], 2, /did you mean initial-loss\?/],
    ['half a batch', undefined, ['--batch-size', '1.5'], 2, /--batch-size: expected a whole number >= 1/],
  ])('refuses %s', async (_, text, options, expected, message) => {
    const mine = join(folder, 'mine.mjs')
    if (text !== undefined) await writeFile(mine, text)
    const file = text !== undefined ? mine : options.length > 0 ? myModel : join(folder, 'missing.ts')
    const { code, stderr } = await dlkit(['check', file, ...options], folder)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(code).toBe(expected)
  })
})
