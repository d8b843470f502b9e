import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePicture } from '@dlkit/testing'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveSource } from '../sources/archive-source.js'
import { diceBearSource } from '../sources/dicebear-source.js'
import { listSource } from '../sources/list-source.js'
import { pairedFoldersSource } from '../sources/paired-folders-source.js'
import { loadPairs } from './load-pairs.js'
import type { PairDataset } from './pair-set.js'

let folder: string
let cacheDirectory: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-load-'))
  cacheDirectory = join(folder, '.cache')
})
afterEach(() => rm(folder, { recursive: true }))

const splits = (set: PairDataset) => [set.train, set.validation, set.open('test')]
const ids = (set: PairDataset) => splits(set).flatMap((split) => [...split.ids])

describe('loadPairs', () => {
  it('takes the line art of the source where it has some, and skips one of another shape', async () => {
    const lines = join(folder, 'line')
    await mkdir(lines)
    for (let seed = 0; seed < 4; seed++) {
      await writePicture(join(folder, 'colour', `${seed}.png`), 60, 40, seed)
      const width = seed === 3 ? 40 : 30
      const line = sharp({ create: { width, height: 20, channels: 3, background: '#fff' } })
      const ink = { create: { width: 4, height: 10, channels: 3, background: '#000' } } as const
      await line.composite([{ input: ink, left: 2 + 4 * seed, top: 5 }]).toFile(join(lines, `${seed}.png`))
    }
    const source = await pairedFoldersSource({ line: lines, colour: join(folder, 'colour') })
    const dataset = await loadPairs(source, { size: 32, cacheDirectory })
    expect(ids(dataset).sort()).toEqual(['0', '1', '2'])
    expect(dataset.skipped.map(({ file, reason }) => [file, reason.replace(/ \(.*/, '')])).toEqual([
      ['3', 'line art of another shape than its coloured picture'],
    ])
    for (const set of splits(dataset)) {
      set.ids.forEach((id, index) => {
        const line = set.line.subarray(index * 1024, (index + 1) * 1024)
        // Fitted to 32 x 21.3 on white, the bar lies 2 + 4 seed of 30 from the left.
        const left = Math.round(((2 + 4 * Number(id)) / 30) * 32) + 2
        expect(line[16 * 32 + left]).toBeLessThan(60)
        expect(line[16 * 32 + left + 6]).toBeGreaterThan(200)
      })
    }
  })

  it('loads an archive and a list, each with the same pictures as the folder they come from', async () => {
    const files: Record<string, Uint8Array> = {}
    for (let seed = 0; seed < 5; seed++) {
      await writePicture(join(folder, `${seed}.png`), 50, 40, seed)
      files[`${seed}.png`] = await readFile(join(folder, `${seed}.png`))
    }
    const archive = join(folder, 'pictures.zip')
    await writeFile(archive, zipSync(files))
    const list = join(folder, 'list.jsonl')
    await writeFile(
      list,
      Object.keys(files)
        .map((file) => JSON.stringify({ file }))
        .join('\n'),
    )
    const sources = [await archiveSource(archive), await listSource(list)]
    const [fromArchive, fromList] = await Promise.all(
      sources.map((source) => loadPairs(source, { size: 16, cacheDirectory })),
    )
    expect(ids(fromArchive!).sort()).toEqual(['0.png', '1.png', '2.png', '3.png', '4.png'])
    const pictureOf = (dataset: PairDataset, id: string) => {
      const set = splits(dataset).find((split) => split.ids.includes(id))!
      const at = set.ids.indexOf(id)
      return [set.line.slice(at * 256, (at + 1) * 256), set.colour.slice(at * 768, (at + 1) * 768)]
    }
    for (const id of ids(fromArchive!)) expect(pictureOf(fromArchive!, id)).toEqual(pictureOf(fromList!, id))
  })

  it('keeps groups of the source together, carries references and attribution, and reads them from the cache', async () => {
    const source = await diceBearSource({ count: 40 })
    const first = await loadPairs(source, { size: 16, cacheDirectory })
    const groupOf = new Map(source.samples.map(({ id, group }) => [id, group]))
    const [train, validation] = splits(first).map((set) => new Set(set.ids.map((id) => groupOf.get(id))))
    for (const group of validation!) expect(train!.has(group)).toBe(false)
    expect(first.train.reference?.length).toBe(first.train.ids.length * 16 * 16 * 3)
    expect(first.attribution).toContain('CC BY 4.0')
    const again = await loadPairs(source, { size: 16, cacheDirectory })
    expect(splits(again)).toEqual(splits(first))
    expect(again.hash).toBe(first.hash)
    const jittered = await loadPairs(source, { size: 16, cacheDirectory, jitter: { darkness: 0.9 } })
    expect(jittered.hash).not.toBe(first.hash)
  })

  it('splits by the shares that it is given', async () => {
    for (let seed = 0; seed < 20; seed++) await writePicture(join(folder, `${seed}.png`), 50, 40, seed)
    const list = join(folder, 'list.jsonl')
    const rows = Array.from({ length: 20 }, (_, seed) =>
      JSON.stringify({ file: `${seed}.png`, label: seed % 2 }),
    )
    await writeFile(list, rows.join('\n'))
    const shares = { train: 0.5, validation: 0.5, test: 0 }
    const { counts, train } = await loadPairs(await listSource(list), { size: 16, shares, cacheDirectory })
    expect(counts.test).toBe(0)
    expect(Math.abs(counts.train - counts.validation)).toBeLessThanOrEqual(4)
    expect(new Set(train.categories)).toEqual(new Set(['0', '1']))
  })
})
