import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHeader } from '../pictures/read-header.js'
import { listSource } from './list-source.js'
import { readLocation } from './read-location.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-list-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(...lines: (string | object)[]): Promise<string> {
  const file = join(folder, 'list.jsonl')
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  await writeFile(file, text.join('\n'))
  return file
}

describe('listSource with JSON lines', () => {
  it('reads pictures, categories, groups and ids by their usual names', async () => {
    const list = await write({ file_name: 'a.png', label: 3 }, '', {
      id: 7,
      image: 'sub/b.jpg',
      line: 'sub/b-line.png',
      reference: 'r.png',
      class: 'cat',
      group: 'g',
    })
    const source = await listSource(list)
    expect(source.samples).toEqual([
      { id: 'a.png', category: '3' },
      { id: '7', category: 'cat', group: 'g' },
    ])
    expect(await source.pictures(0)).toEqual({ colour: { file: resolve(folder, 'a.png') } })
    expect(await source.pictures(1)).toEqual({
      colour: { file: resolve(folder, 'sub/b.jpg') },
      line: { file: resolve(folder, 'sub/b-line.png') },
      reference: { file: resolve(folder, 'r.png') },
    })
    expect(source.skipped).toEqual([])
  })

  it('skips rows that cannot be used, each with its reason', async () => {
    const list = await write(
      { file: 'a.png' },
      'no json',
      '[1]',
      { other: 1 },
      { file: '' },
      { file: '../secret.png' },
      { file: '/etc/passwd' },
      { file: 'a.png' },
    )
    const { samples, skipped } = await listSource(list)
    expect(samples).toEqual([{ id: 'a.png', category: '' }])
    expect(skipped).toEqual([
      { file: 'line 2', reason: 'not JSON' },
      { file: 'line 3', reason: 'not a JSON object' },
      { file: 'line 4', reason: 'no column with a coloured picture' },
      { file: 'line 5', reason: 'no picture in the column file' },
      { file: 'line 6', reason: `path outside of ${folder} (../secret.png)` },
      { file: 'line 7', reason: `path outside of ${folder} (/etc/passwd)` },
      { file: 'line 8', reason: 'another row has the id a.png' },
    ])
  })

  it.skipIf(process.platform === 'win32')('skips rows whose link leads out of the root', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dlkit-outside-'))
    await writeFile(join(outside, 'secret.png'), '')
    await symlink(join(outside, 'secret.png'), join(folder, 'link.png'))
    await symlink(outside, join(folder, 'linked'))
    await writeFile(join(folder, 'own.png'), '')
    await symlink(join(folder, 'own.png'), join(folder, 'inner.png'))
    const list = await write({ file: 'link.png' }, { file: 'linked/secret.png' }, { file: 'inner.png' })
    const { samples, skipped } = await listSource(list)
    expect(samples.map(({ id }) => id)).toEqual(['inner.png'])
    expect(skipped).toEqual([
      { file: 'line 1', reason: `link that leads out of ${folder} (link.png)` },
      { file: 'line 2', reason: `link that leads out of ${folder} (linked/secret.png)` },
    ])
    await rm(outside, { recursive: true })
  })

  it('takes columns and a root from its caller', async () => {
    const list = await write({ art: '/data/x.png', kind: 'k', file: 'wrong.png' })
    const source = await listSource(list, { columns: { colour: 'art', category: 'kind' }, root: '/data' })
    expect(source.samples).toEqual([{ id: '/data/x.png', category: 'k' }])
    expect(await source.pictures(0)).toEqual({ colour: { file: resolve('/data/x.png') } })
  })

  it('refuses a missing list and one without pictures', async () => {
    await expect(listSource(join(folder, 'none.jsonl'))).rejects.toThrow(
      /^listSource: expected a JSON Lines, CSV or parquet file, got ".*none\.jsonl" \(ENOENT.*\)\. Check the file\.$/,
    )
    await expect(listSource(await write({ x: 1 }))).rejects.toThrow(
      /^listSource: expected a list of pictures, got none that can be used \(".*"; line 1: no column/,
    )
  })
})

describe('listSource with parquet', () => {
  const list = fileURLToPath(new URL('../../fixtures/pictures.parquet', import.meta.url))

  it('reads what pyarrow wrote: embedded files, paths, numbers and missing values', async () => {
    const source = await listSource(list)
    expect(source.samples.length).toBe(69)
    expect(source.samples.slice(0, 4)).toEqual([
      { id: 'picture 0', category: '0', group: 'g0' },
      { id: 'picture 1', category: '1' },
      { id: 'picture 2', category: '2', group: 'g0' },
      { id: 'picture 3', category: '0' },
    ])
    expect(source.skipped).toEqual([{ file: 'row 6', reason: 'no picture in the column image' }])
    expect((await source.pictures(3)).colour).toEqual({ file: join(list, '..', 'on-disk.png') })
    // Rows of all blocks and row groups, in an order that jumps.
    for (const [index, row] of [
      [68, 69],
      [0, 0],
      [63, 64],
      [40, 41],
      [39, 40],
      [2, 2],
    ] as const) {
      const { colour, line } = await source.pictures(index)
      expect(await readHeader(await readLocation(colour))).toMatchObject({ width: 20 + row, height: 16 })
      expect(await readHeader(await readLocation(line!))).toMatchObject({ width: 8, height: 8 })
    }
  })

  it('refuses a file that is no parquet', async () => {
    const file = join(folder, 'x.parquet')
    await writeFile(file, 'no parquet file at all')
    await expect(listSource(file)).rejects.toThrow(/^listSource: expected a JSON Lines, CSV or parquet file/)
  })
})
