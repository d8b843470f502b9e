import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cacheFile, defaultCacheDirectory, readCache, writeCache } from './raster-cache.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-cache-'))
})
afterEach(() => rm(folder, { recursive: true }))

const content = {
  meta: { ids: ['ä', 'b'] },
  blobs: [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)],
}

describe('cacheFile', () => {
  it('depends on the whole key', () => {
    const names = [
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ].map((key) => basename(cacheFile('x', 'name', key)))
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(name).toMatch(/^name-[0-9a-f]{32}\.pairs$/)
  })

  it('lies in the cache folder of the user', () => {
    expect(basename(defaultCacheDirectory())).toBe('dlkit')
  })
})

describe('readCache', () => {
  it('gives back what was written, and nothing else is left in the folder', async () => {
    const file = join(folder, 'new', 'folder', 'a.pairs')
    expect(await writeCache(file, content)).toBe(true)
    expect(await readCache(file)).toEqual(content)
    expect(await readdir(join(folder, 'new', 'folder'))).toEqual(['a.pairs'])
  })

  it('gives nothing for a missing file, a file cut anywhere and any changed byte', async () => {
    const file = join(folder, 'a.pairs')
    expect(await readCache(file)).toBeUndefined()
    await writeCache(file, content)
    const whole = await readFile(file)
    for (let length = 0; length < whole.length; length++) {
      await writeFile(file, whole.subarray(0, length))
      expect(await readCache(file)).toBeUndefined()
      const changed = Buffer.from(whole)
      changed[length]! ^= 0x10
      await writeFile(file, changed)
      expect(await readCache(file)).toBeUndefined()
    }
    await writeFile(file, whole)
    expect(await readCache(file)).toEqual(content)
  })
})

describe('writeCache', () => {
  it('lets many writers of one file end with a whole file', async () => {
    const file = join(folder, 'a.pairs')
    const results = await Promise.all(Array.from({ length: 20 }, () => writeCache(file, content)))
    expect(results).toEqual(Array(20).fill(true))
    expect(await readCache(file)).toEqual(content)
    expect(await readdir(folder)).toEqual(['a.pairs'])
  })

  it('gives false where nothing can be written', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await writeCache(join(folder, 'file', 'a.pairs'), content)).toBe(false)
    expect(await readdir(folder)).toEqual(['file'])
  })
})
