import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { findPictures, listPictures } from './list-pictures.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-list-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function touch(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), 'x')
  }
}

const listed = async (...paths: string[]) =>
  (await listPictures(paths.map((path) => join(folder, path)))).map((file) => relative(folder, file))

describe('listPictures', () => {
  it('finds pictures by extension in all subfolders, sorted, and passes over other and hidden files', async () => {
    await touch(
      'b.PNG',
      'a.jpeg',
      'sub/deep/c.webp',
      'sub/d.tiff',
      'e.svg',
      'f.avif',
      'g.gif',
      'h.tif',
      'i.jpg',
    )
    await touch('notes.txt', '._a.jpeg', '.hidden/z.png', 'png')
    expect(await listed('')).toEqual([
      'a.jpeg',
      'b.PNG',
      'e.svg',
      'f.avif',
      'g.gif',
      'h.tif',
      'i.jpg',
      'sub/d.tiff',
      'sub/deep/c.webp',
    ])
  })

  it('takes a named file whatever its name, and each path once', async () => {
    await touch('scan', 'x/a.png')
    expect(await listed('x', 'scan', 'x/a.png', 'x')).toEqual(['scan', 'x/a.png'])
  })

  it('ends where links go in circles, follows others, and lists broken ones', async () => {
    await touch('one/a.png', 'two/b.png')
    await symlink(folder, join(folder, 'one', 'circle'))
    await symlink(join(folder, 'two', 'b.png'), join(folder, 'one', 'link.png'))
    await symlink(join(folder, 'nowhere'), join(folder, 'broken.png'))
    await symlink(join(folder, 'nowhere'), join(folder, 'broken'))
    expect(await listed('')).toEqual(['broken.png', 'one/a.png', 'one/link.png', 'two/b.png'])
  })

  it('refuses a path that does not exist', async () => {
    const path = join(folder, 'missing')
    const promise = listPictures([path])
    await expect(promise).rejects.toBeInstanceOf(DataError)
    await expect(promise).rejects.toThrow(
      `listPictures: expected a picture or a folder of pictures, got "${path}" (no such file or folder). Check the path.`,
    )
  })
})

describe('findPictures', () => {
  // Root may open every folder.
  it.skipIf(process.getuid?.() === 0)('tells which folders it could not open', async () => {
    await mkdir(join(folder, 'closed'), { mode: 0 })
    expect((await findPictures([folder])).skipped).toEqual([
      { file: join(folder, 'closed'), reason: 'folder cannot be opened (EACCES)' },
    ])
  })
})
