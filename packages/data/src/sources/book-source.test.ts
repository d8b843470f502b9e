import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodePicture } from '../pictures/read-picture.js'
import { archiveSource } from './archive-source.js'
import { isBook } from './book-pages.js'
import { bookSource } from './book-source.js'
import { readLocation } from './read-location.js'
import { writeBook } from './write-book.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-book-'))
})
afterEach(() => rm(folder, { recursive: true }))

const page = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .withMetadata({ density: 150 })
    .png()
    .toBuffer()

/** A RAR archive of version 4 whose files are stored as they are. */
function rar(files: Record<string, Buffer>): Buffer {
  const block = (type: number, flags: number, rest: Buffer, data: Buffer = Buffer.alloc(0)) => {
    const head = Buffer.alloc(7)
    head.writeUInt8(type, 2)
    head.writeUInt16LE(flags, 3)
    head.writeUInt16LE(7 + rest.length, 5)
    const whole = Buffer.concat([head, rest])
    whole.writeUInt16LE(crc32(whole.subarray(2)) & 0xffff, 0)
    return Buffer.concat([whole, data])
  }
  const entries = Object.entries(files).map(([name, data]) => {
    const rest = Buffer.alloc(25 + Buffer.byteLength(name))
    rest.writeUInt32LE(data.length, 0)
    rest.writeUInt32LE(data.length, 4)
    rest.writeUInt8(3, 8)
    rest.writeUInt32LE(crc32(data), 9)
    rest.writeUInt32LE(0x21_0000, 13)
    rest.writeUInt8(20, 17)
    rest.writeUInt8(0x30, 18)
    rest.writeUInt16LE(Buffer.byteLength(name), 19)
    rest.writeUInt32LE(0o100644, 21)
    rest.write(name, 25)
    return block(0x74, 0x8000, rest, data)
  })
  const marker = Buffer.from('526172211a0700', 'hex')
  return Buffer.concat([
    marker,
    block(0x73, 0, Buffer.alloc(6)),
    ...entries,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ])
}

test('reads the pictures of a CBR in the order of their names, and tells which it leaves out', async () => {
  const file = join(folder, 'a.cbr')
  const [second, first] = [await page(30, 20, '#fff'), await page(10, 40, '#000')]
  await writeFile(
    file,
    rar({ 'ch/02.png': second, 'ch/01.png': first, 'notes.txt': Buffer.from('x'), '../evil.png': first }),
  )
  expect(await isBook(file)).toBe(true)
  const listeners = process.listeners('unhandledRejection')
  const source = await bookSource(file)
  expect(source.samples.map(({ id }) => id)).toEqual(['ch/01.png', 'ch/02.png'])
  expect(source.skipped).toEqual([{ file: '../evil.png', reason: 'leads out of the archive' }])
  const read = async (index: number) => Buffer.from(await readLocation((await source.pictures(index)).colour))
  expect((await read(0)).equals(first)).toBe(true)
  expect((await read(1)).equals(second)).toBe(true)
  expect((await read(0)).equals(first)).toBe(true)
  expect(process.listeners('unhandledRejection')).toEqual(listeners)
})

test('a damaged page is refused by itself, a damaged archive as a whole', async () => {
  const [good, bad] = [await page(10, 10, '#fff'), await page(12, 12, '#fff')]
  const bytes = rar({ 'a.png': good, 'b.png': bad })
  const at = bytes.indexOf(bad) + 60
  bytes[at]! ^= 0xff
  const file = join(folder, 'a.cbr')
  await writeFile(file, bytes)
  const source = await bookSource(file)
  expect(Buffer.from(await readLocation((await source.pictures(0)).colour)).equals(good)).toBe(true)
  await expect((async () => readLocation((await source.pictures(1)).colour))()).rejects.toThrow('a.cbr/b.png')
  await writeFile(file, bytes.subarray(0, 9))
  await expect(bookSource(file)).rejects.toThrow('got a damaged or encrypted RAR')
  await writeFile(file, 'a drawing')
  expect(await isBook(file)).toBe(false)
  await expect(bookSource(file)).rejects.toThrow('expected a RAR archive or a PDF, got another file')
})

test('pages of a PDF are drawn at 300 dots per inch, and come back at the size of their pictures', async () => {
  const files = [join(folder, '1.png'), join(folder, '2.png'), join(folder, '3.png')]
  await writeFile(files[0]!, await page(300, 150, '#c03030'))
  await writeFile(files[1]!, 'no picture')
  await writeFile(files[2]!, await page(100, 200, '#3030c0'))
  const book = join(folder, 'a.pdf')
  const pages = files.map((file, i) => ({ name: `${i}.png`, file }))
  expect(await writeBook(book, pages, 'pdf')).toEqual([pages[1]])
  const source = await bookSource(book)
  expect(source.samples.map(({ id }) => id)).toEqual(['page-1.png', 'page-2.png'])
  const drawn = await Promise.all(
    [0, 1].map(async (i) => decodePicture('p', await readLocation((await source.pictures(i)).colour))),
  )
  expect(drawn.map(({ width, height }) => [width, height])).toEqual([
    [600, 300],
    [200, 400],
  ])
  const [red, , blue] = drawn[0]!.data.subarray(3 * (150 * 600 + 300))
  expect([Math.abs(red! - 0xc0) < 6, Math.abs(blue! - 0x30) < 6]).toEqual([true, true])
})

test('the same pages make the same bytes, and a CBZ keeps their files as they are', async () => {
  const file = join(folder, '1.png')
  await writeFile(file, await page(20, 30, '#123456'))
  const pages = [{ name: 'ch/1.png', file }]
  for (const format of ['cbz', 'pdf'] as const) {
    const [one, other] = [join(folder, `a.${format}`), join(folder, `b.${format}`)]
    await writeBook(one, pages, format)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await writeBook(other, pages, format)
    expect((await readFile(one)).equals(await readFile(other))).toBe(true)
  }
  const source = await archiveSource(join(folder, 'a.cbz'))
  expect(source.samples.map(({ id }) => id)).toEqual(['ch/1.png'])
  const read = await readLocation((await source.pictures(0)).colour)
  expect(Buffer.from(read).equals(await readFile(file))).toBe(true)
})
