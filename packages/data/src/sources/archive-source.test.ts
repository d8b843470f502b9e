import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Zippable, zipSync } from 'fflate'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError, PictureError } from '../errors.js'
import { archiveSource } from './archive-source.js'
import { readLocation } from './read-location.js'

let folder: string
let archive: string
let picture: Uint8Array
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-archive-'))
  archive = join(folder, 'book.cbz')
  picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#c52' } })
    .png()
    .toBuffer()
})
afterEach(() => rm(folder, { recursive: true }))

async function pack(files: Zippable, change: (bytes: Uint8Array) => void = () => {}): Promise<void> {
  const bytes = zipSync(files)
  change(bytes)
  await writeFile(archive, bytes)
}

/** Positions in an archive where a header with this signature begins. */
function headers(bytes: Uint8Array, signature: number): number[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return [...bytes.keys()].filter((at) => at + 4 <= bytes.length && view.readUInt32LE(at) === signature)
}
const central = 0x02014b50

async function content(limits = {}): Promise<Record<string, Uint8Array>> {
  const source = await archiveSource(archive, { limits })
  const entries = source.samples.map(async ({ id }, index) => {
    const { colour } = await source.pictures(index)
    return [id, await readLocation(colour)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

describe('archiveSource', () => {
  it('reads packed and stored pictures of all folders in order, and passes over other files', async () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${' '.repeat(5000)}</svg>`)
    await pack({
      'b/2.png': [picture, { level: 0 }],
      'a/1.svg': svg,
      'c.jpeg': [picture, { level: 9 }],
      'ComicInfo.xml': Buffer.from('<x/>'),
      '__MACOSX/b/._2.png': picture,
      '.hidden/3.png': picture,
    })
    const source = await archiveSource(archive)
    expect(source.samples).toEqual([
      { id: 'a/1.svg', category: 'a' },
      { id: 'b/2.png', category: 'b' },
      { id: 'c.jpeg', category: '.' },
    ])
    expect(source.skipped).toEqual([])
    const files = await content()
    expect(Buffer.from(files['a/1.svg']!).equals(svg)).toBe(true)
    expect(Buffer.from(files['b/2.png']!).equals(picture)).toBe(true)
    expect(Buffer.from(files['c.jpeg']!).equals(picture)).toBe(true)
  })

  it('skips what could do harm, each with its reason, reads the rest and writes nothing', async () => {
    await pack(
      {
        'good.png': picture,
        '../up.png': picture,
        'a/../../up.png': picture,
        '/etc/absolute.png': picture,
        'C:/absolute.png': picture,
        './odd.png': picture,
        'link.png': [Buffer.from('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }],
        'inner.zip': zipSync({ 'x.png': picture }),
        'empty.png': new Uint8Array(),
      },
      (bytes) => {
        expect(headers(bytes, central).length).toBe(9)
      },
    )
    const source = await archiveSource(archive)
    expect(source.samples.map(({ id }) => id)).toEqual(['good.png'])
    expect(Object.fromEntries(source.skipped.map(({ file, reason }) => [file, reason]))).toEqual({
      '../up.png': 'path that leads out of the archive',
      'a/../../up.png': 'path that leads out of the archive',
      '/etc/absolute.png': 'absolute path in the archive',
      'C:/absolute.png': 'absolute path in the archive',
      './odd.png': 'unusual path in the archive',
      'link.png': 'symbolic link in the archive',
      'inner.zip': 'archive inside the archive',
      'empty.png': 'empty file (0 bytes)',
    })
    expect((await content())['good.png']!.length).toBe(picture.length)
    expect(await readdir(folder)).toEqual(['book.cbz'])
  })

  it('skips entries that declare 10 GB, are encrypted or packed in another way', async () => {
    await pack({ 'a.png': picture, 'b.png': picture, 'c.png': picture, 'd.png': picture }, (bytes) => {
      const [a, b, c] = headers(bytes, central)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      view.setUint32(a! + 24, 0xfffffff0, true)
      view.setUint16(b! + 8, view.getUint16(b! + 8, true) | 1, true)
      view.setUint16(c! + 10, 12, true)
    })
    const { samples, skipped } = await archiveSource(archive)
    expect(samples.map(({ id }) => id)).toEqual(['d.png'])
    expect(skipped).toEqual([
      { file: 'a.png', reason: 'file too large (4294967280 bytes, at most 100000000)' },
      { file: 'b.png', reason: 'encrypted' },
      { file: 'c.png', reason: 'packed with an unsupported method (12)' },
    ])
  })

  it('stops unpacking at the declared size, however much is packed', async () => {
    await pack({ 'bomb.png': new Uint8Array(50_000_000) }, (bytes) => {
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(headers(bytes, central)[0]! + 24, 1000, true)
    })
    const before = process.memoryUsage().arrayBuffers
    await expect(content()).rejects.toThrow(/bomb\.png: damaged archive entry \(.*larger than 1000/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000)
  })

  it('refuses damaged entries and what is cut short', async () => {
    await pack({ 'a.png': [picture, { level: 0 }] }, (bytes) => {
      bytes[60] = bytes[60]! ^ 0xff
    })
    await expect(content()).rejects.toThrow('damaged archive entry (its length or checksum is wrong)')
    await pack({ 'a.png': picture }, (bytes) => {
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(
        headers(bytes, central)[0]! + 20,
        90_000_000,
        true,
      )
    })
    const error = await content().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PictureError)
    expect((error as PictureError).reason).toBe('damaged archive entry (cut short)')
  })

  it('keeps to a limit of the file size', async () => {
    await pack({ 'a.png': picture })
    const { skipped } = await archiveSource(archive, { limits: { bytes: 20 } })
    expect(skipped[0]!.reason).toMatch(/^file too large \(\d+ bytes, at most 20\)$/)
  })

  it('refuses a file that is no archive, one cut short and a missing one', async () => {
    await writeFile(archive, 'no archive')
    await expect(archiveSource(archive)).rejects.toThrow(DataError)
    await pack({ 'a.png': picture })
    await writeFile(archive, (await readFile(archive)).subarray(0, 60))
    await expect(archiveSource(archive)).rejects.toThrow(
      /^archiveSource: expected a ZIP archive, got ".*book\.cbz" \(.+\)\. Check the file\.$/,
    )
    await expect(archiveSource(join(folder, 'none.zip'))).rejects.toThrow(DataError)
  })
})
