import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertNothingLost, planOutputs } from './plan-outputs.js'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-outputs-'))
  for (const name of [
    'in/a.png',
    'in/a.jpg',
    'in/deep/a.png',
    'in/text.txt',
    'in/out/old.png',
    'other/a.png',
  ]) {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), '')
  }
  await symlink(at('in/a.png'), at('other/link.png'))
})
afterAll(() => rm(folder, { recursive: true }))

const outputs = async (paths: string[], out: string) =>
  (await planOutputs(paths, out)).jobs.map(({ output }) => output.slice(folder.length + 1))

test('keeps folders, numbers equal names, passes over text and earlier results', async () => {
  expect(await outputs([at('in'), at('other', 'a.png')], at('in/out'))).toEqual([
    'in/out/a.png',
    'in/out/a-2.png',
    'in/out/deep/a.png',
    'in/out/a-3.png',
  ])
})

test('a named file is tried whatever its name is', async () => {
  expect(await outputs([at('in/text.txt')], at('new'))).toEqual(['new/text.png'])
})

test('results may not replace an input, by whatever path it is named', async () => {
  const input = at('in/a.png')
  await expect(assertNothingLost([{ input, output: at('other/link.png') }], true)).rejects.toThrow(
    'would replace a picture that is to be coloured',
  )
  await expect(assertNothingLost([{ input, output: at('new/a.png') }], false)).resolves.toBeUndefined()
})

test('existing results are counted', async () => {
  const jobs = ['a', 'link'].map((name) => ({
    input: at('in/deep/a.png'),
    output: at('other', `${name}.png`),
  }))
  await expect(assertNothingLost(jobs, false)).rejects.toThrow(/other\/a\.png and 1 more: exists already/)
  await expect(assertNothingLost(jobs, true)).resolves.toBeUndefined()
})
