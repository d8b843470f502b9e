import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archiveSource, encodePng, readLocation, readPicture } from '@dlkit/data'
import { writePicture } from '@dlkit/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dlkit, prepareTinyRun, startDlkit } from '../../tests/dlkit-process.js'
import { contents } from '../../tests/run-files.js'

// Trainings and processes take minutes on a slow machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let folder: string
const onlyDrawings = (...args: string[]) => dlkit(['colorize', ...args, '--run', 'run'], folder)
const colorize = (...args: string[]) => onlyDrawings(...args, '--recolour')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-colorize-'))
  await prepareTinyRun(folder)
  await writePicture(join(folder, 'drawings/chapter/wide.png'), 61, 17, 1)
  await writePicture(join(folder, 'drawings/tall.png'), 7, 50, 2)
  await writePicture(join(folder, 'drawings/dot.png'), 1, 1, 3)
  await writeFile(join(folder, 'drawings/damaged.png'), 'no picture')
  await writeFile(join(folder, 'drawings/notes.txt'), 'passed over')
  await mkdir(join(folder, 'empty'))
  await dlkit(['train', 'tiny.json', '--steps', '2', '--out', 'run', '--no-check'], folder)
})
afterAll(() => rm(folder, { recursive: true }))

test('colours pictures of any size at that size, keeps folders, and lists what it skips', async () => {
  const { code, stdout, stderr } = await colorize('drawings', 'nowhere.png', '-o', 'out')
  expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
  expect(stdout).toMatch(/^! Skipped drawings\/damaged\.png: not a picture/m)
  expect(stdout).toMatch(/^! Skipped nowhere\.png: no such file or folder, ENOENT$/m)
  expect(stdout).toMatch(/^Coloured 3 pictures into out, skipped 2 files$/m)
  expect(await contents(join(folder, 'out'))).toEqual(['chapter', 'chapter/wide.png', 'dot.png', 'tall.png'])
  expect(await readPicture(join(folder, 'out/chapter/wide.png'))).toMatchObject({ width: 61, height: 17 })
  expect(await readPicture(join(folder, 'out/tall.png'))).toMatchObject({ width: 7, height: 50 })
  expect(await readPicture(join(folder, 'out/dot.png'))).toMatchObject({ width: 1, height: 1 })
})

test('--json writes one event per line; results are replaced only with --force', async () => {
  const first = await colorize('drawings/tall.png', '-o', 'json', '--json')
  expect(
    first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { type: 'coloured', input: 'drawings/tall.png', output: 'json/tall.png' },
    { type: 'end', coloured: 1, kept: 0, skipped: 0, left: 0, out: 'json' },
  ])
  await writeFile(join(folder, 'json/tall.png'), 'mine')
  const refused = await colorize('drawings/tall.png', '-o', 'json')
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(/^dlkit: json\/tall\.png: exists already[^\n]*--force\n$/)
  expect(await readFile(join(folder, 'json/tall.png'), 'utf8')).toBe('mine')
  expect(await colorize('drawings/tall.png', '-o', 'json', '--force')).toMatchObject({ code: 0 })
  expect(await readPicture(join(folder, 'json/tall.png'))).toMatchObject({ width: 7 })
})

test('pictures that have colour already are skipped and listed, without --recolour', async () => {
  const line = {
    width: 30,
    height: 20,
    data: Uint8Array.from({ length: 1800 }, (_, i) => (i % 300 < 9 ? 0 : 250)),
  }
  await writeFile(join(folder, 'line.png'), await encodePng(line))
  const { code, stdout } = await onlyDrawings('line.png', 'drawings/tall.png', '-o', 'lines')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^! Skipped drawings\/tall\.png: has colour already; --recolour replaces it$/m)
  expect(await contents(join(folder, 'lines'))).toEqual(['line.png'])
})

test('never replaces a picture that it reads, even with --force', async () => {
  await cp(join(folder, 'drawings'), join(folder, 'own'), { recursive: true })
  const before = await readFile(join(folder, 'own/tall.png'))
  const { code, stderr } = await colorize('own', '-o', 'own', '--force')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^dlkit: own\/\S+: would replace a picture that is to be coloured[^\n]*\n$/)
  expect(await readFile(join(folder, 'own/tall.png'))).toEqual(before)
})

test.each([
  [
    'an empty folder',
    ['empty', '-o', 'none'],
    /nothing could be coloured.*empty: no pictures in this folder/,
  ],
  [
    'only damaged pictures',
    ['drawings/damaged.png', '-o', 'none'],
    /nothing could be coloured, skipped 1 file .*damaged/,
  ],
  ['an output folder below a file', ['drawings', '-o', 'tiny.json/x'], /tiny\.json is a file/],
])('%s ends with 1 and one line', async (_, args, message) => {
  const { code, stderr } = await colorize(...args)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^dlkit: [^\n]+\n$/)
  expect(stderr).toMatch(message)
  expect(await contents(folder)).not.toContain('none')
})

test('a folder that is no run is named', async () => {
  const { code, stderr } = await dlkit(['colorize', 'drawings', '--run', 'empty', '-o', 'none'], folder)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^dlkit: [^\n]*folder of a run, got empty[^\n]*\n$/)
})

test('writes one file in the format of its name, with the density of the drawing', async () => {
  await sharp(join(folder, 'drawings/tall.png'))
    .withMetadata({ density: 600 })
    .toFile(join(folder, 'dense.png'))
  for (const name of ['one.png', 'deep/er/one.jpg', 'one.tif']) {
    const { code, stdout } = await colorize('dense.png', '-o', name)
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: `Coloured 1 picture into ${name}\n` })
    const format = { png: 'png', jpg: 'jpeg', tif: 'tiff' }[name.slice(-3)]
    expect(await sharp(join(folder, name)).metadata()).toMatchObject({
      format,
      width: 7,
      height: 50,
      density: 600,
    })
  }
  const { code, stderr } = await colorize('drawings', '-o', 'two.png')
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/-o two\.png names one file/),
  })
})

test('goes on where it was stopped, by content, and says so', async () => {
  for (let page = 0; page < 12; page++) {
    await writePicture(join(folder, `book/${String(page).padStart(2, '0')}.png`), 900, 700, page)
  }
  const args = ['colorize', 'book', '--run', 'run', '-o', 'book out', '--recolour']
  const stopped = startDlkit([...args, '--json'], folder)
  await stopped.prints(/"coloured"/)
  stopped.child.kill('SIGINT')
  const first = await stopped.ended
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 130, stderr: '' })
  const end = JSON.parse(first.stdout.trim().split('\n').at(-1)!)
  expect(end).toMatchObject({ type: 'end', kept: 0, skipped: 0 })
  expect(end.coloured + end.left).toBe(12)
  expect(end.left).toBeGreaterThan(0)
  const before = await readFile(join(folder, 'book out/00.png'))
  // Another drawing under the name of one that is done.
  await writePicture(join(folder, 'book/00.png'), 900, 700, 99)
  const refused = await dlkit(args, folder)
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/book out\/00\.png: exists already/),
  })
  expect(await readFile(join(folder, 'book out/00.png'))).toEqual(before)
  const again = startDlkit([...args, '--force'], folder)
  const { code, stdout } = await again.ended
  expect(code).toBe(0)
  const kept = end.coloured - 1
  const doneBefore = kept > 0 ? `, ${kept} ${kept === 1 ? 'was' : 'were'} done before` : ''
  expect(stdout).toContain(`Coloured ${end.left + 1} pictures into book out${doneBefore}\n`)
  expect(await contents(join(folder, 'book out'))).toHaveLength(12)
})

test('Ctrl-C prints how far it came and the command that goes on', async () => {
  const args = ['colorize', 'book', '--run', 'run', '-o', "it's", '--recolour']
  const stopped = startDlkit(args, folder)
  await stopped.prints(/Colouring/)
  stopped.child.kill('SIGINT')
  const { code, stdout } = await stopped.ended
  expect(code).toBe(130)
  expect(stdout).toMatch(/^Stopping after this picture/m)
  expect(stdout).toMatch(
    /^Stopped after \d+ of 12 pictures\. Continue with:\n {2}dlkit colorize book --run run -o 'it'\\''s' --recolour$/m,
  )
})

test('one picture that fails does not end the others', async () => {
  await mkdir(join(folder, 'partly/tall.png/in the way'), { recursive: true })
  const { code, stdout } = await colorize('drawings/dot.png', 'drawings/tall.png', '-o', 'partly', '--force')
  expect(code).toBe(4)
  expect(stdout).toMatch(/^! Skipped drawings\/tall\.png: partly\/tall\.png: /m)
  expect(await readPicture(join(folder, 'partly/dot.png'))).toMatchObject({ width: 1 })
})

test('a name with control characters is shown escaped, in every line and in JSON', async () => {
  const name = 'e\x1b[2J\n\u009bm\u202e.png'
  await mkdir(join(folder, name))
  await writeFile(join(folder, name, name), 'no picture')
  await cp(join(folder, 'drawings/dot.png'), join(folder, name, 'dot.png'))
  const plain = /^[\n\x20-\x7e×·]*$/
  for (const flags of [[], ['--json']]) {
    const { code, stdout, stderr } = await colorize(name, '-o', `${name}/out`, '--force', ...flags)
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
    expect(stdout).toMatch(plain)
    expect(stdout).toMatch(
      flags.length > 0 ? /e\\u001b\[2J\\u000a|e\\u001b\[2J\\n/ : /e\\x1b\[2J\\n\\u009bm\\u202e\.png/,
    )
  }
  for (const args of [
    [`${name}2`, '-o', 'none'],
    ['drawings', '-o', `tiny.json/${name}`],
    ['drawings', '-o', 'none', `--${name}`],
  ]) {
    const { code, stderr } = await colorize(...args)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/^dlkit: [\x20-\x7e]*e\\x1b\[2J[\x20-\x7e]*\n$/)
  }
})

test('paints strokes and a palette, and writes versions and layers beside the picture', async () => {
  const box = (x: number, y: number) => (x > 20 && x < 180 && y > 20 && y < 130 ? 255 : 0)
  const edge = (x: number, y: number) => box(x, y) !== box(x + 3, y) || box(x, y) !== box(x, y + 3)
  const data = Uint8Array.from({ length: 200 * 150 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return edge(pixel % 200, Math.floor(pixel / 200)) ? 0 : 255
  })
  await writeFile(join(folder, 'box.png'), await encodePng({ width: 200, height: 150, data }))
  await writeFile(
    join(folder, 'strokes.json'),
    JSON.stringify([{ colour: '#d2493a', points: [[100, 80]], width: 8 }]),
  )
  const args = ['box.png', '-o', 'boxes', '--hints', 'strokes.json', '--variants', '2', '--layers', 'psd']
  const { code, stdout } = await onlyDrawings(...args)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Coloured 1 picture into boxes\n' })
  expect(await contents(join(folder, 'boxes'))).toEqual(['box-2.png', 'box-2.psd', 'box.png', 'box.psd'])
  for (const name of ['boxes/box.png', 'boxes/box-2.png']) {
    const painted = await readPicture(join(folder, name))
    expect([...painted.data.subarray(3 * (80 * 200 + 100), 3 * (80 * 200 + 100) + 3)]).toEqual([210, 73, 58])
  }
  expect((await onlyDrawings(...args)).stdout).toBe('Coloured 0 pictures into boxes, 1 was done before\n')
  const other = await onlyDrawings(...args, '--strength', '0.5')
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/boxes\/box\.png.* exists already/) })
})

test('colours with the network that comes with dlkit where no run is named', async () => {
  const { code, stdout } = await dlkit(['colorize', 'box.png', '-o', 'at-once'], folder)
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Coloured 1 picture into at-once\n' })
  const { data } = await readPicture(join(folder, 'at-once/box.png'))
  const [red, , blue] = data.subarray(3 * (80 * 200 + 100), 3 * (80 * 200 + 100) + 3)
  expect(Math.abs(red! - blue!)).toBeGreaterThan(8)
})

test('makes a book: coloured pages, and those that have colour or are damaged as they were', async () => {
  await mkdir(join(folder, 'chapter'))
  await cp(join(folder, 'box.png'), join(folder, 'chapter/1.png'))
  await cp(join(folder, 'drawings/tall.png'), join(folder, 'chapter/2.png'))
  await writeFile(join(folder, 'chapter/3.png'), 'no picture')
  const book = await onlyDrawings('chapter', '-o', 'chapter.cbz')
  expect(book.code).toBe(4)
  expect(book.stdout).toMatch(/Skipped chapter\/2\.png: has colour already/)
  expect(book.stdout).toMatch(/Skipped chapter\/3\.png: not a picture/)
  const { samples, pictures } = await archiveSource(join(folder, 'chapter.cbz'))
  expect(samples.map(({ id }) => id)).toEqual(['1.png', '2.png', '3.png'])
  const bytes = async (index: number) => Buffer.from(await readLocation((await pictures(index)).colour))
  expect((await bytes(1)).equals(await readFile(join(folder, 'drawings/tall.png')))).toBe(true)
  expect((await bytes(2)).toString()).toBe('no picture')
  expect((await bytes(0)).equals(await readFile(join(folder, 'box.png')))).toBe(false)
  expect(await contents(folder)).not.toContain('chapter.cbz.pages')
  expect((await onlyDrawings('chapter', '-o', 'chapter.cbz')).stderr).toMatch(/chapter\.cbz: exists already/)
})
