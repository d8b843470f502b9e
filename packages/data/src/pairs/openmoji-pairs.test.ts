import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saturatedArea } from '../pictures/picture.js'
import { codepointKey } from '../sources/openmoji-catalogue.js'
import { cosine, inkMap } from '../splits/near-duplicates.js'
import { openMojiPairs, registration } from './openmoji-pairs.js'
import type { PairDataset } from './pair-set.js'

let cacheDirectory: string
let dataset: PairDataset
beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'dlkit-openmoji-'))
  dataset = await openMojiPairs({ size: 64, seed: 1, cacheDirectory })
})
afterAll(() => rm(cacheDirectory, { recursive: true }))

const splits = (set: PairDataset) => [set.train, set.validation, set.open('test')]
const lines = (set: PairDataset['train']) =>
  set.ids.map((_, index) => set.line.subarray(index * set.size ** 2, (index + 1) * set.size ** 2))

/** Calls `check` with every two members of different splits. */
function acrossSplits<T>(lists: T[][], check: (a: T, b: T) => void): void {
  lists.forEach((list, first) => {
    for (const other of lists.slice(first + 1)) for (const a of list) for (const b of other) check(a, b)
  })
}

describe('openMojiPairs', () => {
  it('splits about 70, 20 and 10 % of well over a thousand pairs', () => {
    const counts = splits(dataset).map((set) => set.ids.length)
    const total = counts.reduce((sum, count) => sum + count, 0)
    expect(total).toBeGreaterThan(1250)
    ;[0.7, 0.2, 0.1].forEach((share, index) => {
      expect(Math.abs(counts[index]! / total - share)).toBeLessThan(0.02)
    })
    for (const set of splits(dataset)) {
      expect(set.line.length).toBe(set.ids.length * 64 * 64)
      expect(set.colour.length).toBe(set.ids.length * 64 * 64 * 3)
    }
    expect(dataset.skipped).toEqual([])
    expect(dataset.attribution).toContain('CC BY-SA 4.0')
  })

  it('keeps every group, code point key and line raster in one split', () => {
    for (const keysOf of [
      (set: PairDataset['train']) => [...set.groups!],
      (set: PairDataset['train']) => set.ids.map(codepointKey),
      (set: PairDataset['train']) => lines(set).map((line) => Buffer.from(line).toString('base64')),
      (set: PairDataset['train']) => [...set.ids],
    ]) {
      const [train, validation, test] = splits(dataset).map((set) => new Set(keysOf(set)))
      for (const key of validation!) expect(train!.has(key)).toBe(false)
      for (const key of test!) expect(train!.has(key) || validation!.has(key)).toBe(false)
    }
  })

  it('lets no two splits hold drawings whose ink maps have a cosine of .95, mirrored or not', () => {
    const turn = (line: Uint8Array) =>
      line.map((_, index) => line[64 * Math.floor(index / 64) + 63 - (index % 64)]!)
    const maps = splits(dataset).map((set) =>
      lines(set).map((line) => ({ map: inkMap(line, 64, 64), turned: inkMap(turn(line), 64, 64) })),
    )
    let largest = 0
    acrossSplits(maps, (a, b) => {
      largest = Math.max(largest, cosine(a.map, b.map), cosine(a.map, b.turned))
    })
    expect(largest).toBeLessThan(0.95)
    expect(largest).toBeGreaterThan(0.85)
  })

  it('holds whole subgroups out for the test, and draws validation from those of training', () => {
    const [train, validation, test] = splits(dataset).map((set) => new Set(set.categories))
    for (const category of test!) expect(train!.has(category) || validation!.has(category)).toBe(false)
    for (const category of validation!) expect(train!.has(category)).toBe(true)
    expect(test!.size).toBeGreaterThan(3)
    expect(validation!.size).toBeGreaterThan(50)
  })

  it('keeps coloured pairs whose lines lie in the coloured version', () => {
    for (const set of splits(dataset)) {
      lines(set).forEach((line, index) => {
        const colour = set.colour.subarray(index * 64 * 64 * 3, (index + 1) * 64 * 64 * 3)
        expect(saturatedArea(colour)).toBeGreaterThanOrEqual(0.02)
        expect(registration(line, colour)).toBeGreaterThanOrEqual(0.9)
      })
    }
  })

  it('gives the same from the cache and from a cache cut short', async () => {
    const [name] = await readdir(cacheDirectory)
    const file = join(cacheDirectory, name!)
    const bytes = await readFile(file)
    const cached = await openMojiPairs({ size: 64, cacheDirectory })
    await truncate(file, Math.floor(bytes.length / 3))
    const rebuilt = await openMojiPairs({ size: 64, cacheDirectory })
    for (const again of [cached, rebuilt]) {
      expect(again.hash).toBe(dataset.hash)
      expect(splits(again).map(({ groups, categories }) => ({ groups, categories }))).toEqual(
        splits(dataset).map(({ groups, categories }) => ({ groups, categories })),
      )
      expect(again.notes).toEqual(dataset.notes)
    }
    expect(await readdir(cacheDirectory)).toEqual([name])
    expect((await readFile(file)).equals(bytes)).toBe(true)
  })

  it('splits by the seed alone: another size has the same pairs in each split, another seed does not', async () => {
    const small = await openMojiPairs({ size: 16, seed: 1, cacheDirectory })
    expect(splits(small).map(({ ids }) => ids)).toEqual(splits(dataset).map(({ ids }) => ids))
    const other = await openMojiPairs({ size: 16, seed: 2, cacheDirectory })
    const [ids, otherIds] = [small, other].map((set) => [...set.open('test').ids].sort())
    expect(otherIds).not.toEqual(ids)
    expect(other.hash).not.toBe(small.hash)
  })

  it('reports progress to the end', async () => {
    const calls: [number, number][] = []
    await openMojiPairs({ size: 16, cacheDirectory, onProgress: (done, total) => calls.push([done, total]) })
    const [done, total] = calls.at(-1)!
    expect(done).toBe(total)
  })

  it('stops when it is told to, and leaves nothing behind', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'dlkit-openmoji-'))
    const controller = new AbortController()
    const promise = openMojiPairs({
      size: 24,
      cacheDirectory: empty,
      signal: controller.signal,
      onProgress: (done) => done === 40 && controller.abort(new Error('told to stop')),
    })
    await expect(promise).rejects.toThrow('told to stop')
    expect(await readdir(empty)).toEqual([])
    await rm(empty, { recursive: true })
  })

  it('refuses a size and a seed outside its range', async () => {
    await expect(openMojiPairs({ size: 8 })).rejects.toThrow(
      new RangeError(
        'openMojiPairs: expected size to be a whole number from 16 to 1024, got 8. Choose e.g. 64.',
      ),
    )
    await expect(openMojiPairs({ size: 64, seed: Number.NaN })).rejects.toThrow(
      new RangeError('openMojiPairs: expected seed to be a whole number, got NaN. Choose e.g. 1.'),
    )
  })
})

describe('registration', () => {
  it('is the share of ink that is at least as dark in the coloured picture', () => {
    const line = Uint8Array.of(0, 0, 255, 55)
    const colour = Uint8Array.of(0, 0, 0, 255, 255, 255, 9, 9, 9, 155, 155, 155)
    expect(registration(line, colour)).toBeCloseTo((255 + 0 + 100) / (255 + 255 + 200), 6)
    expect(registration(Uint8Array.of(255), Uint8Array.of(0, 0, 0))).toBe(0)
  })
})
