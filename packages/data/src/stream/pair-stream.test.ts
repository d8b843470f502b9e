import '@tensorflow/tfjs-backend-cpu'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writePicture } from '@dlkit/testing'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashBatches, streamArgs } from '../../tests/stream-args.js'
import { DataError } from '../errors.js'
import { diceBearSource } from '../sources/dicebear-source.js'
import { folderSource } from '../sources/folder-source.js'
import type { PictureSource } from '../sources/picture-source.js'
import { PairStream, type StreamLoading, type StreamState } from './pair-stream.js'

let folder: string
let cacheDirectory: string
let source: PictureSource
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-stream-'))
  cacheDirectory = await mkdtemp(join(tmpdir(), 'dlkit-stream-cache-'))
  for (let seed = 0; seed < 13; seed++) await writePicture(join(folder, `${seed}.png`), 60 + seed, 50, seed)
  await writeFile(join(folder, 'bad.png'), 'no picture')
  source = await folderSource(folder)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await rm(cacheDirectory, { recursive: true })
})

async function batchesOf(count: number, loading: StreamLoading, state?: StreamState): Promise<string[]> {
  const stream = new PairStream(source, streamArgs(loading))
  if (state) stream.restore(state)
  try {
    return await hashBatches(stream, count)
  } finally {
    await stream.close()
  }
}

describe('PairStream', () => {
  it('gives the same batches whatever the workers, the prefetch and the cache', async () => {
    // 13 usable samples make 4 batches of 3 in an epoch.
    const batches = await batchesOf(10, { workers: 0, prefetch: 0 })
    expect(new Set(batches).size).toBe(10)
    expect(await batchesOf(10, { workers: 2, prefetch: 3 })).toEqual(batches)
    const cache = { directory: cacheDirectory }
    expect(await batchesOf(10, { workers: 1, cache })).toEqual(batches)
    expect(
      (await readdir(cacheDirectory, { recursive: true })).filter((name) => name.endsWith('.raster')).length,
    ).toBe(13)
    expect(await batchesOf(10, { workers: 0, cache })).toEqual(batches)
  })

  it('gives the same batches in another process, from the start and resumed at any step', async () => {
    const whole = await batchesOf(9, { workers: 0 })
    const inProcess = async (count: number, state?: StreamState): Promise<string[]> => {
      const script = fileURLToPath(new URL('../../tests/stream-batches.ts', import.meta.url))
      const flags = ['--conditions=@dlkit/source', '--import=tsx', script, folder, `${count}`]
      const { stdout } = await promisify(execFile)(
        process.execPath,
        state ? [...flags, JSON.stringify(state)] : flags,
      )
      return JSON.parse(stdout.trim().split('\n').at(-1)!)
    }
    expect(await inProcess(9)).toEqual(whole)
    const stream = new PairStream(source, streamArgs({ workers: 0 }))
    for (let step = 0; step < 8; step++) {
      const state = JSON.parse(JSON.stringify(stream.state()))
      expect(await batchesOf(9 - step, { workers: 0 }, state)).toEqual(whole.slice(step))
      if (step === 5) expect(await inProcess(4, state)).toEqual(whole.slice(5))
      await hashBatches(stream, 1)
    }
    await stream.close()
  })

  it('resumes exactly with a shuffle buffer, and reads no further ahead than it and the prefetch', async () => {
    // Room for 4 of 14 samples.
    const loading = { workers: 0, prefetch: 1, shuffleBytes: 4 * 16 * 16 * 7 * 4 }
    let asked = 0
    let furthest = 0
    const watched: PictureSource = {
      ...source,
      pictures: (index) => {
        asked++
        furthest = Math.max(furthest, index)
        return source.pictures(index)
      },
    }
    const stream = new PairStream(watched, streamArgs(loading))
    const whole = await hashBatches(stream, 1)
    // One batch handed out; two batches and the buffer ahead.
    expect(asked).toBeLessThanOrEqual(3 + 6 + 4)
    expect(furthest).toBeLessThanOrEqual(3 + 6 + 4)
    for (let step = 1; step < 9; step++) whole.push(...(await hashBatches(stream, 1)))
    await stream.close()
    const again = new PairStream(source, streamArgs(loading))
    for (let step = 0; step < 8; step++) {
      expect(await batchesOf(9 - step, loading, again.state())).toEqual(whole.slice(step))
      await hashBatches(again, 1)
    }
    await again.close()
    expect(whole).not.toEqual(await batchesOf(9, { workers: 0 }))
  })

  it('hands out each sample at most once in an epoch, and draws it anew in the next', async () => {
    const batches = await batchesOf(8, { workers: 0 })
    for (const epoch of [batches.slice(0, 4), batches.slice(4)]) {
      const ids = epoch.flatMap((batch) => batch.split(' ')[0]!.split(','))
      expect(new Set(ids).size).toBe(12)
    }
    const stream = new PairStream(source, { ...streamArgs({ workers: 0 }), batchSize: 1, indices: [2] })
    const [first, second] = await hashBatches(stream, 2)
    expect(first!.split(' ')[0]).toBe(second!.split(' ')[0])
    expect(first).not.toBe(second)
    expect(stream.epoch).toBe(1)
    await stream.close()
  })

  it('lists what cannot be used once, with the reason, and puts the next sample in its place', async () => {
    const stream = new PairStream(source, streamArgs({ workers: 1 }))
    await hashBatches(stream, 12)
    expect(stream.skipped).toEqual([{ file: 'bad.png', reason: 'not a picture in a known format' }])
    await stream.close()
  })

  it('gives references, and one short batch where the set is smaller than a batch', async () => {
    const characters = await diceBearSource({ count: 3 })
    const stream = new PairStream(characters, { size: 16, batchSize: 8, seed: 1, loading: { workers: 0 } })
    for (let epoch = 0; epoch < 2; epoch++) {
      const { line, colour, reference, ids } = await stream.next()
      expect([line.shape, colour.shape, reference?.shape]).toEqual([
        [3, 16, 16, 1],
        [3, 16, 16, 3],
        [3, 16, 16, 3],
      ])
      expect([...ids].sort()).toEqual(['1-0', '1-1', '1-2'])
      expect(stream.epoch).toBe(epoch)
      tf.dispose([line, colour, reference!])
    }
    await stream.close()
  })

  it('keeps no tensor', async () => {
    const before = tf.memory().numTensors
    await batchesOf(5, { workers: 0 })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('answers overlapping calls in order', async () => {
    const stream = new PairStream(source, streamArgs({ workers: 1 }))
    const batches = await Promise.all([stream.next(), stream.next(), stream.next()])
    const ids = batches.map((batch) => batch.ids.join())
    expect(ids).toEqual((await batchesOf(3, { workers: 0 })).map((batch) => batch.split(' ')[0]))
    for (const { line, colour } of batches) tf.dispose([line, colour])
    await stream.close()
  })

  it('refuses a set in which nothing can be used', async () => {
    const bad = source.samples.findIndex(({ id }) => id === 'bad.png')
    const stream = new PairStream(source, { ...streamArgs({ workers: 0 }), indices: [bad] })
    await expect(stream.next()).rejects.toThrow(
      new DataError(
        'PairStream: expected at least one usable sample, got none of 1 (bad.png: not a picture in a known format). ' +
          'See skipped for the reasons.',
      ),
    )
    await stream.close()
  })

  it('refuses options outside their range and the state of another stream', async () => {
    const make = (args: object) => () => new PairStream(source, { ...streamArgs({}), ...args })
    expect(make({ batchSize: 0 })).toThrow(
      new RangeError('PairStream: expected batchSize to be a whole number from 1, got 0. Choose e.g. 8.'),
    )
    expect(make({ indices: [] })).toThrow('PairStream: expected at least one sample, got none.')
    expect(make({ indices: [99] })).toThrow(
      new RangeError('PairStream: expected indices from 0 to 13, got 99. Pass indices of this source.'),
    )
    expect(make({ loading: { shuffleBytes: 0 } })).toThrow('expected loading.shuffleBytes to be')
    expect(make({ pictures: { augment: { geometry: { flip: 2 } } } })).toThrow('expected flip from 0 to 1')
    const stream = new PairStream(source, streamArgs({ workers: 0 }))
    expect(() => stream.restore({ ...stream.state(), seed: 9 })).toThrow(
      'PairStream: expected a state of 14 samples in batches of 3 with seed 8, got 14 samples in batches of 3 with ' +
        'seed 9. Resume with the data, batch size and seed of the run.',
    )
    expect(() => stream.restore({ ...stream.state(), position: 15 })).toThrow(
      'PairStream: expected a state made by state(), got {"count":14,',
    )
  })
})
