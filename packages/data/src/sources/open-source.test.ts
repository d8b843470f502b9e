import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { PictureReader } from '../workers/picture-reader.js'
import { openSource } from './open-source.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-open-'))
})
afterEach(() => rm(folder, { recursive: true }))

const circle = (number: number, look: string, width = 60) =>
  `<circle cx="${width / 2}" cy="20" r="${8 + (number % 9)}" ${look}/>`
const picture = (content: string, width = 60, height = 40) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${content}</svg>`,
    ),
  )
    .png()
    .toBuffer()
const line = (number: number) => picture(circle(number, 'fill="none" stroke="#000" stroke-width="3"'))
const colour = (number: number) => picture(circle(number, `fill="hsl(${number * 40} 90% 50%)" stroke="#000"`))
/** Line art left, colour right, as pix2pix has its facades the other way round. */
const both = async (number: number, lineFirst: boolean) => {
  const sides = await Promise.all([line(number), colour(number)])
  const [left, right] = lineFirst ? sides : sides.reverse()
  return sharp({ create: { width: 120, height: 60, channels: 3, background: '#fff' } })
    .composite([
      { input: left!, left: 0, top: 10 },
      { input: right!, left: 60, top: 10 },
    ])
    .png()
    .toBuffer()
}

async function save(name: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true })
  await writeFile(join(folder, name), content)
}

async function savePairs(lines: string, colours: string, count = 4): Promise<void> {
  for (let i = 0; i < count; i++) {
    await save(`${lines}/${i}.png`, await line(i))
    await save(
      `${colours}/${i}.jpg`,
      await sharp(await colour(i))
        .jpeg()
        .toBuffer(),
    )
  }
}

describe('openSource', () => {
  it.each([
    ['line', 'colour'],
    ['sketches', 'Color'],
    ['A', 'B'],
    ['B', 'A'],
    ['trainA', 'trainB'],
  ])('finds line art in %s and colour in %s, and says what stays alone', async (lines, colours) => {
    await savePairs(lines, colours)
    await save(`${lines}/alone.png`, await line(1))
    for (const name of ['x', 'y', 'z', 'zz']) await save(`${colours}/${name}.png`, await colour(2))
    const { source, notes } = await openSource(folder)
    expect(source.samples.map(({ id }) => id)).toEqual(['0', '1', '2', '3'])
    expect(await source.pictures(2)).toEqual({
      line: { file: join(folder, lines, '2.png') },
      colour: { file: join(folder, colours, '2.jpg') },
    })
    expect(notes).toEqual([
      `Recognized 4 pairs: line art in ${lines}, colour in ${colours}; without a partner: 1 in line art only (alone), 4 in colour only (x, y, z, …)`,
    ])
    expect(source.skipped).toHaveLength(5)
  })

  it.each([
    ['train/A', 'train/B', 'val/A', 'val/B'],
    ['trainA', 'trainB', 'testA', 'testB'],
  ])('joins the parts of a set: %s', async (a, b, otherA, otherB) => {
    await savePairs(a, b, 2)
    await savePairs(otherA, otherB, 3)
    const { source, notes } = await openSource(folder)
    expect(notes).toHaveLength(2)
    expect(source.samples.map(({ id }) => id).sort()).toEqual(
      [`${b}/0`, `${b}/1`, `${otherB}/0`, `${otherB}/1`, `${otherB}/2`].sort(),
    )
    const index = source.samples.findIndex(({ id }) => id === `${otherB}/2`)
    expect(await source.pictures(index)).toMatchObject({ line: { file: join(folder, otherA, '2.png') } })
  })

  it.each([true, false])('cuts pictures that hold a pair (line art on the left: %s)', async (lineFirst) => {
    for (let i = 0; i < 5; i++) await save(`${i}.png`, await both(i, lineFirst))
    const { source, notes } = await openSource(folder)
    const [lineSide, colourSide] = lineFirst ? ['left', 'right'] : ['right', 'left']
    expect(notes).toEqual([
      `Recognized pictures that hold a pair: line art in the ${lineSide} half, colour in the ${colourSide}`,
    ])
    const { line: lineAt, colour: colourAt } = await source.pictures(3)
    const reader = new PictureReader({})
    const drawn = await reader.decode(lineAt!, 60)
    const painted = await reader.decode(colourAt, 60)
    expect([drawn.width, drawn.height]).toEqual([60, 60])
    const middle = 3 * (30 * 60 + 30)
    expect([...drawn.data.subarray(middle, middle + 3)]).toEqual([255, 255, 255])
    const [red, green, blue] = painted.data.subarray(middle, middle + 3)
    expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeGreaterThan(150)
  })

  it('leaves wide pictures alone that are no pairs, and folders of other names', async () => {
    for (let i = 0; i < 4; i++)
      await save(`cats/${i}.png`, await picture(circle(i, 'fill="red"', 120), 120, 60))
    await save('A/1.png', await colour(1))
    const { source, notes } = await openSource(folder)
    expect(notes).toEqual([])
    expect(source.samples).toHaveLength(5)
    expect((await source.pictures(0)).line).toBeUndefined()
  })

  it('opens archives and lists', async () => {
    const files = Object.fromEntries(
      await Promise.all([0, 1, 2].map(async (i) => [`p/${i}.png`, await both(i, true)])),
    )
    await save('book.cbz', zipSync(files))
    const archive = await openSource(join(folder, 'book.cbz'))
    expect(archive.notes).toHaveLength(1)
    const reader = new PictureReader({})
    expect(await reader.decode((await archive.source.pictures(1)).line!, 40)).toMatchObject({
      width: 40,
      height: 40,
    })

    await savePairs('l', 'c', 3)
    const rows = [0, 1, 2].map((i) => ({ colour: `c/${i}.jpg`, line: `l/${i}.png`, label: `k;${i}` }))
    await save('list.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))
    await save(
      'list.csv',
      `\uFEFFcolour,line,label\n${rows.map((row) => `${row.colour}, ${row.line} ,"${row.label}"`).join('\r\n')}\r\n\n`,
    )
    await save(
      'semicolons.CSV',
      `colour;line;label\n${rows.map((row) => `${row.colour};${row.line};"${row.label}"`).join('\n')}`,
    )
    for (const name of ['list.jsonl', 'list.csv', 'semicolons.CSV']) {
      const { source } = await openSource(join(folder, name))
      expect(source.samples).toEqual(rows.map(({ colour, label }) => ({ id: colour, category: label })))
      expect(await source.pictures(2)).toEqual({
        colour: { file: join(folder, 'c/2.jpg') },
        line: { file: join(folder, 'l/2.png') },
      })
    }
  })

  it('names the line of a row that is wrong, and what it cannot open', async () => {
    await save('list.csv', 'file,label\n../x.png,a\n,b\nc/1.png,c\n')
    const { source } = await openSource(join(folder, 'list.csv'))
    expect(source.samples).toHaveLength(1)
    expect(source.skipped).toEqual([
      { file: 'line 2', reason: `path outside of ${folder} (../x.png)` },
      { file: 'line 3', reason: 'no column with a coloured picture' },
    ])
    await save('broken.csv', 'file,label\n"a.png,b\n')
    await save('notes.txt', 'text')
    for (const [name, reason] of [
      ['broken.csv', /expected a JSON Lines, CSV or parquet file.*Quote/],
      ['notes.txt', /expected a folder, a ZIP or CBZ archive, or a list.*notes\.txt/],
      ['nowhere', /no such file or folder/],
    ] as const) {
      const promise = openSource(join(folder, name))
      await expect(promise).rejects.toThrow(reason)
      await expect(promise).rejects.toBeInstanceOf(DataError)
    }
  })
})
