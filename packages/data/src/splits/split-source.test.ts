import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writePicture } from '@dlkit/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderSource } from '../sources/folder-source.js'
import type { PictureSource } from '../sources/picture-source.js'
import { WorkerPool } from '../workers/worker-pool.js'
import { findLeaks } from './find-leaks.js'
import { fingerprintSource } from './fingerprint-source.js'
import { findLookAlikes } from './look-alikes.js'
import { splitNames } from './split-names.js'
import { splitSource } from './split-source.js'

let folder: string
let source: PictureSource
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-split-'))
  for (let seed = 0; seed < 30; seed++) await writePicture(join(folder, 'a', `${seed}.png`), 70, 60, seed)
  for (const seed of [0, 4, 9]) {
    const image = () => sharp(join(folder, 'a', `${seed}.png`))
    await image()
      .flop()
      .toFile(join(folder, `mirrored-${seed}.png`))
    await image()
      .resize(41)
      .jpeg({ quality: 70 })
      .toFile(join(folder, `small-${seed}.jpg`))
  }
  await writeFile(join(folder, 'bad.png'), 'no picture')
  source = await folderSource(folder)
})
afterAll(() => rm(folder, { recursive: true }))

/** Samples without pictures, by what is known of them. */
const listed = (samples: PictureSource['samples']): PictureSource => ({
  name: 'list',
  samples,
  skipped: [],
  pictures: () => ({ colour: { name: 'none', bytes: new Uint8Array() } }),
})

describe('splitSource', () => {
  it('gives about 70, 20 and 10 % in each category, each sample once', async () => {
    const samples = Array.from({ length: 2000 }, (_, index) => ({
      id: `${index}`,
      category: index % 5 === 0 ? 'rare' : 'frequent',
      group: `${Math.floor(index / 3)}`,
    }))
    const split = await splitSource(listed(samples), { lookAlikes: false, seed: 3 })
    expect(split.counts.train + split.counts.validation + split.counts.test).toBe(2000)
    expect(new Set(splitNames.flatMap((name) => split.open(name))).size).toBe(2000)
    for (const [name, share] of [
      ['train', 0.7],
      ['validation', 0.2],
      ['test', 0.1],
    ] as const) {
      expect(Math.abs(split.counts[name] / 2000 - share)).toBeLessThan(0.01)
      const rare = split.open(name).filter((index) => samples[index]!.category === 'rare').length
      expect(Math.abs(rare / 400 - share)).toBeLessThan(0.03)
    }
    for (const { group } of samples) {
      const members = samples.flatMap((sample, index) =>
        sample.group === group ? [split.splitOf(index)] : [],
      )
      expect(new Set(members).size).toBe(1)
    }
  })

  it('repeats for a seed, and differs for another', async () => {
    const samples = Array.from({ length: 50 }, (_, index) => ({ id: `${index}`, category: '' }))
    const hash = async (seed: number) =>
      (await splitSource(listed(samples), { lookAlikes: false, seed })).hash
    expect(await hash(1)).toBe(await hash(1))
    expect(await hash(1)).not.toBe(await hash(2))
  })

  it('keeps mirrored and smaller copies in the split of their picture, and unreadable pictures in none', async () => {
    for (const seed of [1, 2, 3]) {
      const split = await splitSource(source, { seed })
      const splitOf = (id: string) => split.splitOf(source.samples.findIndex((sample) => sample.id === id))
      for (const number of [0, 4, 9]) {
        expect(splitOf(`mirrored-${number}.png`)).toBe(splitOf(`a/${number}.png`))
        expect(splitOf(`small-${number}.jpg`)).toBe(splitOf(`a/${number}.png`))
      }
      expect(splitOf('bad.png')).toBeUndefined()
      expect(split.skipped).toEqual([{ file: 'bad.png', reason: 'not a picture in a known format' }])
    }
  })

  it('leaves no leak, where a split by file has some', async () => {
    const pool = new WorkerPool({ workers: 0 })
    const { fingerprints } = await fingerprintSource(source, pool, { concurrency: 2 })
    const readable = fingerprints.flatMap((fingerprint, index) =>
      fingerprint ? [{ fingerprint, index }] : [],
    )
    const alike = findLookAlikes(readable.map(({ fingerprint }) => fingerprint))
    const leaks = (splitOf: (index: number) => string | undefined) =>
      findLeaks(
        alike,
        (position) => source.samples[readable[position]!.index]!.id,
        (position) => splitOf(readable[position]!.index),
      )
    expect(leaks((await splitSource(source, { seed: 1 })).splitOf)).toEqual([])
    const byFile = leaks((index) => (source.samples[index]!.id.startsWith('a/') ? 'train' : 'test'))
    for (const number of [0, 4, 9]) {
      expect(byFile.some(({ a, b }) => [a, b].sort().join() === `a/${number}.png,small-${number}.jpg`)).toBe(
        true,
      )
    }
  })
})
