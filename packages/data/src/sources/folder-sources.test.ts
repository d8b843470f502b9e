import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderSource } from './folder-source.js'
import { pairedFoldersSource } from './paired-folders-source.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-folders-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function touch(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), 'x')
  }
}

describe('folderSource', () => {
  it('takes all subfolders, with the folder of a picture as its category', async () => {
    await touch('a.png', 'x/b.png', 'x/y/c.png')
    const source = await folderSource(folder)
    expect(source.samples).toEqual([
      { id: 'a.png', category: '.' },
      { id: 'x/b.png', category: 'x' },
      { id: 'x/y/c.png', category: 'x/y' },
    ])
    expect(await source.pictures(2)).toEqual({ colour: { file: join(folder, 'x/y/c.png') } })
  })

  it('takes one sub-folder a class, and skips what is in none', async () => {
    await touch('a.png', 'cat/b.png', 'cat/y/c.png', 'dog/d.png')
    const { samples, skipped } = await folderSource(folder, { classes: true })
    expect(samples.map(({ id, category }) => [id, category])).toEqual([
      ['cat/b.png', 'cat'],
      ['cat/y/c.png', 'cat'],
      ['dog/d.png', 'dog'],
    ])
    expect(skipped).toEqual([{ file: 'a.png', reason: 'not in the sub-folder of a class' }])
  })
})

describe('pairedFoldersSource', () => {
  it('pairs pictures by their path without extension, and skips what has no partner', async () => {
    await touch('line/a/1.png', 'line/2.png', 'line/2.webp', 'line/3.png')
    await touch('colour/a/1.jpg', 'colour/2.png', 'colour/4.png', 'reference/a/1.png', 'reference/2.gif')
    const at = (path: string) => join(folder, path)
    const folders = { line: at('line'), colour: at('colour') }
    const source = await pairedFoldersSource(folders)
    expect(source.samples).toEqual([
      { id: '2', category: '.' },
      { id: 'a/1', category: 'a' },
    ])
    expect(await source.pictures(1)).toEqual({
      line: { file: at('line/a/1.png') },
      colour: { file: at('colour/a/1.jpg') },
    })
    expect(source.skipped).toEqual([
      { file: at('line/2.webp'), reason: '2.png has the same name' },
      { file: '3', reason: 'no colour picture of this name' },
      { file: '4', reason: 'no line picture of this name' },
    ])
    const withReference = await pairedFoldersSource({ ...folders, reference: at('reference') })
    expect((await withReference.pictures(0)).reference).toEqual({ file: at('reference/2.gif') })
  })

  it('refuses folders in which nothing fits together, and a missing one', async () => {
    await touch('line/1.png', 'colour/2.png')
    const folders = { line: join(folder, 'line'), colour: join(folder, 'colour') }
    await expect(pairedFoldersSource(folders)).rejects.toThrow(
      `pairedFoldersSource: expected pictures with equal names in all folders, got none (of 2 names; ` +
        `"${folders.line}", "${folders.colour}"). Give both pictures of a pair the same name.`,
    )
    await expect(pairedFoldersSource({ ...folders, line: join(folder, 'none') })).rejects.toThrow(
      'pairedFoldersSource: expected a folder of pictures',
    )
  })
})
