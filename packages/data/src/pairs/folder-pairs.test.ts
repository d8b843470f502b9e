import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Create } from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../errors.js'
import { cosine, inkMap } from '../splits/near-duplicates.js'
import { folderPairs } from './folder-pairs.js'
import type { PairDataset } from './pair-set.js'

let folder: string
let cacheDirectory: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-folder-'))
  cacheDirectory = join(folder, '.cache')
})
afterEach(() => rm(folder, { recursive: true }))

/** An SVG with a few coloured shapes that depend on `number`. */
function drawing(number: number, width = 60, height = 44): string {
  const random = (part: number) => (((Math.sin(number * 91.7 + part * 37.3) * 43758.5453) % 1) + 1) % 1
  const shapes = [0, 1, 2].map((shape) => {
    const colour = `hsl(${Math.floor(360 * random(shape))} 80% 45%)`
    const [x, y, r] = [1, 2, 3].map((part) => random(10 * shape + part))
    return `<ellipse cx="${x! * width}" cy="${y! * height}" rx="${4 + r! * 18}" ry="${14 - r! * 10}" fill="${colour}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#fff"/>${shapes.join('')}</svg>`
}

async function save(name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true })
  await writeFile(join(folder, name), content)
}

async function savePngs(count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await save(
      `${number}.png`,
      await sharp(Buffer.from(drawing(number)))
        .png()
        .toBuffer(),
    )
  }
}

const load = (options = {}) => folderPairs(folder, { size: 32, cacheDirectory, ...options })
const splits = (set: PairDataset) => [set.train, set.validation, set.open('test')]
const sortedIds = (dataset: PairDataset) =>
  splits(dataset)
    .flatMap(({ ids }) => [...ids])
    .sort()

describe('folderPairs', () => {
  it('makes pairs of every format in all subfolders', async () => {
    const image = (number: number) => sharp(Buffer.from(drawing(number))).flatten()
    await save('a.png', await image(1).png().toBuffer())
    await save('b.jpg', await image(2).jpeg().toBuffer())
    await save('sub/c.webp', await image(3).webp().toBuffer())
    await save('sub/d.tiff', await image(4).tiff().toBuffer())
    await save('sub/deep/e.gif', await image(5).gif().toBuffer())
    await save('f.avif', await image(6).avif().toBuffer())
    await save('g.svg', drawing(7))
    await save('h.jpg', await image(8).toColourspace('cmyk').jpeg().toBuffer())
    await save('i.png', await image(9).toColourspace('rgb16').png().toBuffer())
    const dataset = await load()
    expect(sortedIds(dataset)).toEqual([
      'a.png',
      'b.jpg',
      'f.avif',
      'g.svg',
      'h.jpg',
      'i.png',
      'sub/c.webp',
      'sub/d.tiff',
      'sub/deep/e.gif',
    ])
    expect(dataset.skipped).toEqual([])
    expect(dataset.notes).toEqual([])
    expect(dataset.counts).toEqual({ train: 6, validation: 2, test: 1 })
    for (const set of splits(dataset)) {
      expect(set.colour.length).toBe(set.ids.length * 32 * 32 * 3)
      expect(set.line.length).toBe(set.ids.length * 32 * 32)
    }
  })

  it('fits a picture whole on white and draws no line along its edge', async () => {
    const square = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200">
      <rect width="400" height="200" fill="#ffcc00"/><rect x="100" y="50" width="200" height="100" fill="#3333cc"/></svg>`
    await save('wide.png', await sharp(Buffer.from(square)).png().toBuffer())
    await savePngs(3)
    const dataset = await load({ extractor: 'xdog' })
    const set = splits(dataset).find(({ ids }) => ids.includes('wide.png'))!
    const at = set.ids.indexOf('wide.png')
    const colour = (x: number, y: number) => [
      ...set.colour.subarray((at * 1024 + y * 32 + x) * 3).subarray(0, 3),
    ]
    const line = (x: number, y: number) => set.line[at * 1024 + y * 32 + x]!
    expect([colour(16, 2), colour(16, 30)]).toEqual([
      [255, 255, 255],
      [255, 255, 255],
    ])
    expect(colour(2, 10)).toEqual([255, 204, 0])
    expect(colour(16, 16)).toEqual([51, 51, 204])
    expect([line(16, 7), line(16, 8), line(0, 16), line(31, 16)]).toEqual([255, 255, 255, 255])
    expect(line(8, 16)).toBeLessThan(128)
  })

  it('skips what cannot be used, each with its reason, and keeps the rest', async () => {
    await savePngs(4)
    const flat = (options: Partial<Create>) =>
      sharp({ create: { width: 40, height: 30, channels: 3, background: '#808080', ...options } })
        .png()
        .toBuffer()
    const good = await sharp(Buffer.from(drawing(9)))
      .jpeg()
      .toBuffer()
    await save('cut.jpg', good.subarray(0, 700))
    await save('zero.png', '')
    await save('text.png', 'no picture')
    await save('dot.png', await flat({ width: 1, height: 1, background: '#ff0000' }))
    await save(
      'grey.png',
      await sharp(Buffer.from(drawing(1)))
        .greyscale()
        .png()
        .toBuffer(),
    )
    await save('plain.png', await flat({ background: '#cc2200' }))
    await save('ribbon.png', await flat({ width: 900, height: 20, background: '#cc2200' }))
    await save('large.png', await flat({ width: 2100, height: 1000, background: '#cc2200' }))
    await symlink(join(folder, 'nowhere'), join(folder, 'link.png'))
    await symlink(folder, join(folder, 'circle'))
    const { skipped, ...dataset } = await load({ limits: { pixels: 2_000_000 } })
    expect(sortedIds({ ...dataset, skipped })).toEqual(['0.png', '1.png', '2.png', '3.png'])
    expect(skipped.map(({ file }) => file)).toEqual([
      'cut.jpg',
      'dot.png',
      'grey.png',
      'large.png',
      'link.png',
      'plain.png',
      'ribbon.png',
      'text.png',
      'zero.png',
    ])
    const reasons = Object.fromEntries(skipped.map(({ file, reason }) => [file, reason]))
    expect(reasons['cut.jpg']).toMatch(/^damaged or unreadable picture \(.+\)$/)
    expect(reasons).toMatchObject({
      'dot.png': 'too small (1x1, at least 16x16)',
      'grey.png': 'grey only (less than 1 % of it has colour)',
      'large.png': 'too many pixels (at most 2000000)',
      'link.png': 'no such file',
      'plain.png': 'no lines found in it',
      'ribbon.png': 'too long and narrow (more than 8 times as long as wide)',
      'text.png': 'not a picture in a known format',
      'zero.png': 'empty file (0 bytes)',
    })
  })

  it('keeps copies and look-alikes of a picture in its split', async () => {
    await savePngs(30)
    for (const number of [0, 5, 9, 14]) {
      const image = sharp(Buffer.from(drawing(number)))
      await save(`copy/${number}.png`, await image.clone().png().toBuffer())
      await save(`small/${number}.jpg`, await image.clone().resize(45).jpeg({ quality: 70 }).toBuffer())
      await save(`mirrored/${number}.webp`, await image.clone().flop().webp().toBuffer())
    }
    for (const seed of [1, 2, 3]) {
      const dataset = await load({ seed })
      const splitOf = new Map(
        splits(dataset).flatMap(({ ids }, split) => ids.map((id) => [id, split] as const)),
      )
      for (const number of [0, 5, 9, 14]) {
        const family = [
          `${number}.png`,
          `copy/${number}.png`,
          `small/${number}.jpg`,
          `mirrored/${number}.webp`,
        ]
        expect(new Set(family.map((id) => splitOf.get(id))).size).toBe(1)
      }
      const maps = splits(dataset).map((set) =>
        set.ids.map((_, index) => inkMap(set.line.subarray(index * 1024, (index + 1) * 1024), 32, 32)),
      )
      maps.forEach((list, first) => {
        for (const other of maps.slice(first + 1)) {
          for (const a of list) for (const b of other) expect(cosine(a, b)).toBeLessThan(0.95)
        }
      })
      const groups = splits(dataset).map((set) => new Set(set.groups))
      for (const group of groups[1]!) expect(groups[0]!.has(group)).toBe(false)
      for (const group of groups[2]!) expect(groups[0]!.has(group) || groups[1]!.has(group)).toBe(false)
    }
  })

  it('gives train and validation at least one picture each from two on', async () => {
    await savePngs(2)
    const dataset = await load()
    expect(splits(dataset).map(({ ids }) => ids.length)).toEqual([1, 1, 0])
  })

  it('tells when all pictures are equal', async () => {
    const png = await sharp(Buffer.from(drawing(3)))
      .png()
      .toBuffer()
    for (const name of ['a', 'b', 'c']) await save(`${name}.png`, png)
    const dataset = await load()
    expect(splits(dataset).map(({ ids }) => ids.length)).toEqual([2, 1, 0])
    expect(dataset.notes).toEqual([
      'Nearly all pictures are equal: train and validation hold the same pictures, so scores say nothing.',
    ])
  })

  it('refuses a missing folder, a file, an empty folder and a folder with one usable picture', async () => {
    const missing = join(folder, 'missing')
    await expect(folderPairs(missing, { size: 32 })).rejects.toThrow(
      new DataError(
        `folderSource: expected a folder of pictures, got "${missing}" (no such folder). Check the path.`,
      ),
    )
    await expect(load()).rejects.toThrow(
      new DataError(
        `folderPairs: expected colour pictures, got none (in "${folder}" and its subfolders). ` +
          'Add png, jpeg, webp, tiff, gif, svg or avif files.',
      ),
    )
    await savePngs(1)
    const file = join(folder, '0.png')
    await expect(folderPairs(file, { size: 32 })).rejects.toThrow(
      new DataError(
        `folderSource: expected a folder of pictures, got "${file}" (not a folder). Check the path.`,
      ),
    )
    for (const name of ['a', 'b', 'c', 'd']) await save(`${name}.png`, '')
    await expect(load()).rejects.toThrow(
      new DataError(
        'loadPairs: expected at least 2 usable colour pictures, got 1 (of 5 in the source folder; ' +
          'a.png: empty file (0 bytes); b.png: empty file (0 bytes); c.png: empty file (0 bytes); 1 more). ' +
          'Add colour pictures.',
      ),
    )
  })

  it('gives the same pairs again, from the cache, from a damaged cache and without one', async () => {
    await savePngs(8)
    await save('bad.png', 'x')
    const content = async (options = {}) => {
      const dataset = await load(options)
      const { hash, skipped, notes } = dataset
      return { hash, skipped, notes, splits: splits(dataset) }
    }
    const first = await content()
    expect(await content()).toEqual(first)
    const [name] = await readdir(cacheDirectory)
    await truncate(join(cacheDirectory, name!), 5000)
    expect(await content()).toEqual(first)
    expect(await content({ cacheDirectory: join(folder, '0.png', 'not-a-folder') })).toEqual(first)
    expect(await content({ workers: 1, cacheDirectory: join(folder, '0.png', 'not-a-folder') })).toEqual(
      first,
    )
    expect((await load({ seed: 2 })).hash).not.toBe(first.hash)
  })

  it('sees that a picture has changed', async () => {
    await savePngs(4)
    const before = await load()
    await save(
      '2.png',
      await sharp(Buffer.from(drawing(77)))
        .png()
        .toBuffer(),
    )
    const after = await load()
    expect(after.hash).not.toBe(before.hash)
    await save(
      '2.png',
      await sharp(Buffer.from(drawing(2)))
        .png()
        .toBuffer(),
    )
    expect((await load()).hash).toBe(before.hash)
  })

  it('reports progress and stops when it is told to', async () => {
    await savePngs(12)
    const controller = new AbortController()
    const calls: number[] = []
    const onProgress = (done: number, total: number) => {
      calls.push(done)
      expect(total).toBe(12)
      if (done === 3) controller.abort(new Error('told to stop'))
    }
    await expect(load({ onProgress, signal: controller.signal })).rejects.toThrow('told to stop')
    expect(calls.slice(0, 3)).toEqual([1, 2, 3])
    await load({ onProgress: (done: number) => calls.push(done) })
    expect(calls.at(-1)).toBe(12)
  })

  it('refuses an unknown extractor', async () => {
    await savePngs(2)
    await expect(load({ extractor: 'canny' })).rejects.toThrow(
      new RangeError(
        'loadPairs: expected extractor to be one of xdog, adaptive, dilation, dodge, mixed, got "canny". Choose \'mixed\'.',
      ),
    )
  })
})
