import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { encodePng } from '@dlkit/data'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertNoInputLost } from './existing-results.js'
import { findInputs } from './find-inputs.js'
import { planOutputs } from './plan-outputs.js'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
const relative = (path: string) => path.slice(folder.length + 1)
const png = () => encodePng({ width: 2, height: 2, data: new Uint8Array(12) })
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-outputs-'))
  for (const name of [
    'in/a.png',
    'in/a.jpg',
    'in/deep/a.png',
    'in/text.txt',
    'in/old.bmp',
    'in/out/old.png',
    'other/a.png',
    'more/in/a.png',
    'volume 2/001.png',
  ]) {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), '')
  }
  await writeFile(at('in/scan'), await png())
  await writeFile(at('in/README'), 'no picture')
  await symlink(at('in/a.png'), at('other/link.png'))
  await writeArchive()
})
afterAll(() => rm(folder, { recursive: true }))

async function writeArchive(): Promise<void> {
  const names = ['p10.png', 'p2.png', 'extra/p2.jpg', 'what?.png', 'info.txt', '../out.png']
  await writeFile(
    at('book.cbz'),
    zipSync(Object.fromEntries(names.map((name) => [name, new Uint8Array([1])]))),
  )
}

async function outputs(paths: string[], out: string) {
  const { inputs, skipped } = await findInputs(paths, out)
  const jobs = await planOutputs(inputs, out)
  return {
    jobs: Object.fromEntries(jobs.map(({ input, output }) => [relative(input), relative(output)])),
    skipped: skipped.map(({ file, reason }) => `${relative(file)}: ${reason}`),
  }
}

test('one folder keeps what is in it; results, text and other formats are passed over', async () => {
  expect(await outputs([at('in')], at('in/out'))).toEqual({
    jobs: {
      'in/a.jpg': 'in/out/a-jpg.png',
      'in/a.png': 'in/out/a.png',
      'in/deep/a.png': 'in/out/deep/a.png',
      'in/scan': 'in/out/scan.png',
    },
    skipped: ['in/old.bmp: format is not read; save it as PNG, or as CBZ'],
  })
})

test('several folders keep their names, equal ones are numbered, whatever the order of files', async () => {
  const { jobs } = await outputs([at('in'), at('more/in'), at('volume 2')], at('new'))
  expect(jobs).toMatchObject({
    'in/a.png': 'new/in/a.png',
    'in/deep/a.png': 'new/in/deep/a.png',
    'more/in/a.png': 'new/in-2/a.png',
    'volume 2/001.png': 'new/volume 2/001.png',
  })
})

test('one folder that is given twice is one folder', async () => {
  const { jobs } = await outputs([at('volume 2'), `${at('in')}/../volume 2`], at('new'))
  expect(jobs).toEqual({ 'volume 2/001.png': 'new/001.png' })
})

test('names do not depend on the order of the arguments', async () => {
  const forwards = await outputs([at('in/a.jpg'), at('in/a.png'), at('more/in/a.png')], at('new'))
  const backwards = await outputs([at('more/in/a.png'), at('in/a.png'), at('in/a.jpg')], at('new'))
  expect(forwards.jobs).toEqual({
    'in/a.jpg': 'new/a-jpg.png',
    'in/a.png': 'new/a.png',
    'more/in/a.png': 'new/a-2.png',
  })
  expect(backwards.jobs).toEqual(forwards.jobs)
})

test('a file is taken once, by whatever path it is named', async () => {
  const paths = [at('in/a.png'), at('in'), `${at('in')}/../in/a.png`, at('other/link.png')]
  const { jobs } = await outputs(paths, at('new'))
  expect(Object.keys(jobs)).toEqual(['in/a.png', 'in/a.jpg', 'in/deep/a.png', 'in/out/old.png', 'in/scan'])
})

test('the pages of an archive, with names that every file system takes', async () => {
  expect(await outputs([at('book.cbz')], at('new'))).toEqual({
    jobs: {
      'book.cbz/extra/p2.jpg': 'new/extra/p2.png',
      'book.cbz/p10.png': 'new/p10.png',
      'book.cbz/p2.png': 'new/p2.png',
      'book.cbz/what?.png': 'new/what_.png',
    },
    skipped: ['book.cbz/../out.png: path that leads out of the archive'],
  })
  const { jobs } = await outputs([at('book.cbz'), at('volume 2')], at('new'))
  expect(jobs).toMatchObject({
    'book.cbz/p2.png': 'new/book/p2.png',
    'volume 2/001.png': 'new/volume 2/001.png',
  })
})

test('a named file is tried whatever its name is', async () => {
  expect((await outputs([at('in/text.txt')], at('new'))).jobs).toEqual({ 'in/text.txt': 'new/text.txt.png' })
})

test('-o may name the file of one picture, in any format that is written', async () => {
  const { inputs } = await findInputs([at('in/a.png')], at('result.jpg'))
  expect(await planOutputs(inputs, at('result.jpg'))).toMatchObject([
    { output: at('result.jpg'), format: 'jpeg' },
  ])
  const two = await findInputs([at('in/a.png'), at('in/a.jpg')], at('result.jpg'))
  await expect(planOutputs(two.inputs, at('result.jpg'))).rejects.toThrow(
    /result\.jpg names one file, got 2 pictures\. Name a folder/,
  )
  await mkdir(at('folder.png'))
  expect(await planOutputs(inputs, at('folder.png'))).toMatchObject([{ output: at('folder.png/a.png') }])
})

test('long names are kept as long as they fit, and shortened between characters else', async () => {
  const inputs = ['n'.repeat(251), 'n'.repeat(252), `${'猫'.repeat(84)}1`, `${'猫'.repeat(84)}2`].map(
    (stem) => ({
      location: { file: stem },
      place: `${stem}.jp`,
    }),
  )
  const names = (await planOutputs(inputs, 'out')).map(({ output }) => output.slice('out/'.length))
  for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
  expect(new Set(names).size).toBe(4)
  expect(names[3]).toBe(`${'猫'.repeat(66)}-2.png`)
})

test('what cannot be opened is listed with its reason, and the rest is taken', async () => {
  const latin1 = Buffer.concat([Buffer.from(at('names/caf')), Buffer.from([0xe9]), Buffer.from('.png')])
  await mkdir(at('names'))
  await writeFile(latin1, '')
  const { jobs, skipped } = await outputs(
    [at('nowhere'), at('in/text.txt/x'), at('names'), at('other/a.png')],
    at('new'),
  )
  expect(skipped).toEqual([
    'nowhere: no such file or folder, ENOENT',
    'in/text.txt/x: a part of the path is a file, ENOTDIR',
    'names/caf\\xe9.png: its name is not UTF-8; rename it',
  ])
  expect(jobs).toEqual({ 'other/a.png': 'new/a.png' })
  expect((await outputs([at('names/caf\uFFFD.png')], at('new'))).skipped).toEqual([
    'names/caf\uFFFD.png: its name is not UTF-8; rename it',
  ])
})

test('results may not replace an input, by whatever path it is named', async () => {
  const job = { location: { file: at('in/a.png') }, input: at('in/a.png'), format: 'png' as const }
  await expect(assertNoInputLost([{ ...job, output: at('other/link.png') }])).rejects.toThrow(
    'would replace a picture that is to be coloured',
  )
  await expect(assertNoInputLost([{ ...job, output: at('new/a.png') }])).resolves.toBeUndefined()
})
