import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun } from '../../tests/dlkit-process.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)

/** `pairs/A` with the line art of `pairs/B` and two drawings more; the same as a list and as an archive. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-data-'))
  await prepareTinyRun(folder)
  await mkdir(at('pairs/A'), { recursive: true })
  await mkdir(at('pairs/B'))
  for (const name of await readdir(at('pictures'))) {
    const picture = sharp(at('pictures', name))
    await picture.clone().toFile(at('pairs/B', name))
    await picture.clone().greyscale().threshold(120).png().toFile(at('pairs/A', name))
  }
  for (const extra of ['x.png', 'y.png']) await sharp(at('pairs/A/1.png')).toFile(at('pairs/A', extra))
  const names = (await readdir(at('pairs/B'))).sort()
  await writeFile(
    at('list.csv'),
    ['colour,line', ...names.map((name) => `pairs/B/${name},pairs/A/${name}`)].join('\n'),
  )
  const files = await Promise.all(names.map(async (name) => [name, await readFile(at('pairs/B', name))]))
  await writeFile(at('book.zip'), zipSync(Object.fromEntries(files)))
})
afterAll(() => rm(folder, { recursive: true }))

test('folders of line art and of colour are trained as pairs, and what is alone is named', async () => {
  const args = ['train', 'tiny.json', '--data', 'pairs', '--steps', '4', '--out', 'of-folders', '--no-check']
  const { code, stdout, stderr } = await dlkit(args, folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(
    'Recognized 12 pairs: line art in A, colour in B; without a partner: 2 in line art only (x, y)\n',
  )
  expect(stdout).toMatch(/^ {4}x: no colour picture of this name$/m)
  const dataset = JSON.parse(await readFile(at('of-folders/dataset.json'), 'utf8'))
  // One of the drawings has lost its lines.
  expect(dataset.train + dataset.validation + dataset.test).toBe(11)
})

test.each(['list.csv', 'book.zip'])('%s is trained on, and a run on it is resumed', async (data) => {
  const run = `of-${data}`
  const config = JSON.parse(await readFile(at('tiny.json'), 'utf8'))
  await writeFile(at(`${data}.json`), JSON.stringify({ ...config, data }))
  const first = await dlkit(['train', `${data}.json`, '--steps', '4', '--out', run, '--no-check'], folder)
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
  const resumed = await dlkit(['train', '--resume', run, '--steps', '8'], folder)
  expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' })
  expect(resumed.stdout).toContain('Continuing after step 4\n')
})

test('a file that holds no pictures is a wrong call or a failure, in one line', async () => {
  await writeFile(at('notes.txt'), 'text')
  await writeFile(at('empty.csv'), 'name\n1\n')
  execFileSync('sh', ['-c', 'head -c 100 book.zip > cut.zip'], { cwd: folder })
  for (const data of ['notes.txt', 'empty.csv', 'cut.zip']) {
    const { code, stderr } = await dlkit(['train', 'tiny.json', '--data', data, '--out', 'none'], folder)
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^dlkit: expected [^\\n]*${data.replace('.', '\\.')}[^\\n]*\\n$`))
  }
})
