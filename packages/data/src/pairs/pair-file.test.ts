import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockTest } from '../splits/locked-splits.js'
import { openPairs } from './open-pairs.js'
import { encodePairs, readPairs } from './pair-file.js'
import { hashSplits, type PairDataset, type PairSet } from './pair-set.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-pairs-'))
})
afterEach(() => rm(folder, { recursive: true }))

const size = 16
const setOf = (name: string, count: number): PairSet => {
  const bytes = (channels: number) =>
    Uint8Array.from({ length: count * size * size * channels }, (_, i) => (i * 31 + name.length * 7) % 256)
  const ids = Array.from({ length: count }, (_, i) => `${name} ${i}`)
  return { size, ids, groups: ids, categories: ids.map(() => name), line: bytes(1), colour: bytes(3) }
}

function dataset(): PairDataset {
  const splits = { train: setOf('train', 3), validation: setOf('valid', 1), test: setOf('t', 2) }
  return {
    name: 'drawn',
    size,
    hash: hashSplits(splits),
    attribution: 'by nobody',
    notes: ['six pairs'],
    skipped: [],
    ...lockTest(splits, ({ ids }) => ids.length),
  }
}

test('gives back the splits, and where they come from; the test split is locked again', async () => {
  const file = join(folder, 'a.pairs')
  const before = dataset()
  await writeFile(file, await encodePairs(before))
  const read = await openPairs(file, { size })
  expect(read).toMatchObject({
    name: 'drawn',
    size,
    hash: before.hash,
    attribution: 'by nobody',
    notes: ['six pairs'],
  })
  expect(read.counts).toEqual({ train: 3, validation: 1, test: 2 })
  expect(read.train).toEqual(before.train)
  expect(read.validation).toEqual(before.validation)
  expect(read.testWasOpened()).toBe(false)
  expect(read.open('test')).toEqual(before.open('test'))
})

test('is refused at another size, cut, changed, or when it is something else', async () => {
  const file = join(folder, 'a.pairs')
  const bytes = await encodePairs(dataset())
  await writeFile(file, bytes)
  await expect(openPairs(file, { size: 32 })).rejects.toThrow('expected pairs of 32 x 32, got 16 x 16')
  await writeFile(file, bytes.subarray(0, bytes.length - 9))
  await expect(readPairs(file)).rejects.toThrow('got a damaged file')
  const changed = Buffer.from(bytes)
  changed[bytes.length - 40]! ^= 0x55
  await writeFile(file, changed)
  await expect(readPairs(file)).rejects.toThrow('got a damaged file')
  await writeFile(file, 'a drawing')
  await expect(readPairs(file)).rejects.toThrow('got another kind of file')
  expect(await readFile(file, 'utf8')).toBe('a drawing')
})
