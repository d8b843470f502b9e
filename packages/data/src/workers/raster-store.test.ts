import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RasterStore, roomIn } from './raster-store.js'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dlkit-rasters-'))
})
afterEach(() => rm(directory, { recursive: true }))

const picture = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, index) => index * 7) }

describe('RasterStore', () => {
  it('gives back what was written, and nothing for a damaged or missing file', async () => {
    const store = new RasterStore(directory, 1000)
    const file = store.fileFor('abc', 'how')
    expect(await store.read(file)).toBeUndefined()
    await store.write(file, picture)
    const read = await store.read(file)
    expect({ ...read, data: [...read!.data] }).toEqual({ ...picture, data: [...picture.data] })
    await truncate(file, 30)
    expect(await store.read(file)).toBeUndefined()
  })

  it('keeps files apart by their content and by how they were decoded', () => {
    const store = new RasterStore(directory, 1000)
    const files = [store.fileFor('a', 'x'), store.fileFor('a', 'y'), store.fileFor('b', 'x')]
    expect(new Set(files).size).toBe(3)
    expect(store.fileFor('a', 'x')).toBe(files[0])
  })

  it('writes no more than its room, and leaves no temporary file', async () => {
    const store = new RasterStore(directory, 70)
    for (const digest of ['a', 'b', 'c', 'd']) await store.write(store.fileFor(digest, ''), picture)
    const files = (await readdir(directory, { recursive: true })).filter((name) => name.includes('.'))
    expect(files.length).toBe(2)
    expect(files.every((name) => name.endsWith('.raster'))).toBe(true)
    expect(await roomIn({ directory, bytes: 100 })).toBe(100 - 2 * (16 + 18))
  })

  it('does without a folder that cannot be written', async () => {
    const store = new RasterStore('/dev/null/rasters', 1000)
    await store.write(store.fileFor('a', ''), picture)
    expect(await store.read(store.fileFor('a', ''))).toBeUndefined()
  })
})
