import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertWritable, isTaken } from './new-folder.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-folder-'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'file'), '')
})
afterAll(() => rm(folder, { recursive: true }))

test('only what is not there, or an empty folder, is free', async () => {
  const taken = await Promise.all(
    ['nowhere', 'empty', 'file', '.'].map((name) => isTaken(join(folder, name))),
  )
  expect(taken).toEqual([false, false, true, true])
})

test('a folder below a file cannot be made, and the file is named', async () => {
  const path = join(folder, 'file', 'a', 'b')
  await expect(assertWritable(path)).rejects.toThrow(
    `${path}: cannot be made, ${join(folder, 'file')} is a file`,
  )
  await expect(assertWritable(join(folder, 'new', 'a'))).resolves.toBeUndefined()
  expect((await readdir(folder)).sort()).toEqual(['empty', 'file'])
})

test.skipIf(process.platform !== 'linux')(
  'a place where the system lets nobody make folders is refused',
  async () => {
    await expect(assertWritable('/proc/run')).rejects.toThrow(/^\/proc\/run: cannot be written to \(\/proc: /)
  },
)
