import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PictureError } from '../errors.js'
import { readPicture } from './read-picture.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-read-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function save(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

/** Left half orange, right half blue, 40 x 24. */
function twoHalves(): Sharp {
  const data = new Uint8Array(40 * 24 * 3)
  for (let pixel = 0; pixel < 40 * 24; pixel++) {
    data.set(pixel % 40 < 20 ? [230, 120, 20] : [20, 60, 200], pixel * 3)
  }
  return sharp(data, { raw: { width: 40, height: 24, channels: 3 } })
}

async function expectHalves(file: string, tolerance: number): Promise<void> {
  const { width, height, data } = await readPicture(file)
  expect([width, height, data.length]).toEqual([40, 24, 40 * 24 * 3])
  expectColour(data, 40 * 12 + 6, [230, 120, 20], tolerance)
  expectColour(data, 40 * 12 + 34, [20, 60, 200], tolerance)
}

function expectColour(data: Uint8Array, pixel: number, colour: number[], tolerance: number): void {
  colour.forEach((value, channel) => {
    expect(Math.abs(data[3 * pixel + channel]! - value)).toBeLessThanOrEqual(tolerance)
  })
}

describe('readPicture', () => {
  it.each([
    ['png', 0, (image: Sharp) => image.png()],
    ['png with a palette', 0, (image: Sharp) => image.png({ palette: true })],
    ['jpg', 6, (image: Sharp) => image.jpeg({ quality: 95 })],
    ['progressive jpg', 6, (image: Sharp) => image.jpeg({ quality: 95, progressive: true })],
    ['webp', 0, (image: Sharp) => image.webp({ lossless: true })],
    ['tiff', 0, (image: Sharp) => image.tiff({ compression: 'lzw' })],
    ['gif', 3, (image: Sharp) => image.gif()],
    ['avif', 8, (image: Sharp) => image.avif({ quality: 90 })],
    ['16-bit png', 1, (image: Sharp) => image.toColourspace('rgb16').png()],
    ['16-bit tiff', 1, (image: Sharp) => image.toColourspace('rgb16').tiff({ compression: 'none' })],
    ['png of a display-p3 screen', 3, (image: Sharp) => image.withIccProfile('p3').png()],
  ] as const)('reads a %s', async (name, tolerance, encode) => {
    await expectHalves(await save(name, await encode(twoHalves()).toBuffer()), tolerance)
  })

  it('converts CMYK to sRGB, with and without a profile', async () => {
    const withProfile = await twoHalves().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    expect((await sharp(withProfile).metadata()).space).toBe('cmyk')
    // Print inks do not reach the blue exactly.
    await expectHalves(await save('print.jpg', withProfile), 90)
    const inks = new Uint8Array(40 * 24 * 4)
    for (let pixel = 0; pixel < 40 * 24; pixel++) inks.set([0, 255, 255, 0], pixel * 4)
    const bare = await sharp(inks, { raw: { width: 40, height: 24, channels: 4 } })
      .pipelineColourspace('cmyk')
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer()
    const { width, data } = await readPicture(await save('bare.jpg', bare))
    expect([width, data.length]).toEqual([40, 40 * 24 * 3])
  })

  it('reads grey, grey with alpha and 16-bit grey pictures as three equal channels', async () => {
    const grey = Uint8Array.from({ length: 20 * 16 }, (_, index) => index % 250)
    const image = () => sharp(grey, { raw: { width: 20, height: 16, channels: 1 } }).toColourspace('b-w')
    const files = [
      await save('grey.png', await image().png().toBuffer()),
      await save('grey.jpg', await image().jpeg({ quality: 100 }).toBuffer()),
      await save('grey16.png', await image().toColourspace('grey16').png().toBuffer()),
      await save('grey-alpha.png', await image().ensureAlpha().toColourspace('b-w').png().toBuffer()),
    ]
    for (const file of files) {
      const { data } = await readPicture(file)
      expect(data.length).toBe(20 * 16 * 3)
      for (const pixel of [0, 7, 133, 319]) expectColour(data, pixel, Array(3).fill(grey[pixel]), 2)
    }
  })

  it('lays transparency on white', async () => {
    const rgba = new Uint8Array(20 * 20 * 4)
    for (let pixel = 0; pixel < 400; pixel++) rgba.set([200, 0, 0, pixel < 200 ? 0 : 128], pixel * 4)
    const image = sharp(rgba, { raw: { width: 20, height: 20, channels: 4 } })
    const { data } = await readPicture(await save('alpha.png', await image.png().toBuffer()))
    expectColour(data, 10, [255, 255, 255], 0)
    expectColour(data, 390, [227, 127, 127], 1)
  })

  it('reads the first frame of an animation and the first page of a tiff', async () => {
    const frame = (colour: string) =>
      sharp({ create: { width: 20, height: 18, channels: 3, background: colour } })
        .png()
        .toBuffer()
    const frames = [await frame('#ff0000'), await frame('#00ff00'), await frame('#0000ff')]
    for (const [name, animated] of [
      ['a.gif', sharp(frames, { join: { animated: true } }).gif()],
      ['a.webp', sharp(frames, { join: { animated: true } }).webp({ lossless: true })],
      ['a.tiff', sharp(frames, { join: { animated: true } }).tiff()],
    ] as const) {
      const bytes = await animated.toBuffer()
      if (name !== 'a.tiff') expect((await sharp(bytes).metadata()).pages).toBe(3)
      const { width, data } = await readPicture(await save(name, bytes))
      expect(width).toBe(20)
      expectColour(data, 0, [255, 0, 0], 1)
    }
  })

  it('turns a photo as its EXIF orientation says', async () => {
    const bytes = await twoHalves().withMetadata({ orientation: 6 }).png().toBuffer()
    const { width, height, data } = await readPicture(await save('turned.png', bytes))
    expect([width, height]).toEqual([24, 40])
    expectColour(data, 5, [230, 120, 20], 0)
    expectColour(data, 24 * 39 + 5, [20, 60, 200], 0)
  })

  it('draws a small svg large enough, and loads nothing into it', async () => {
    await save('secret.png', await twoHalves().png().toBuffer())
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">
      <rect width="10" height="10" fill="#ff8800"/><image href="secret.png" x="10" width="10" height="10"/></svg>`
    const { width, height, data } = await readPicture(await save('small.svg', svg))
    expect([width, height]).toEqual([512, 256])
    expectColour(data, 512 * 100 + 100, [255, 136, 0], 0)
    expectColour(data, 512 * 100 + 400, [255, 255, 255], 0)
  })

  it('keeps the size of a large svg', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="50"/>'
    expect(await readPicture(await save('large.svg', svg))).toMatchObject({ width: 600, height: 50 })
  })
})

describe('readPicture on bad files', () => {
  async function reasonFor(file: string, limits = {}): Promise<string> {
    const error = await readPicture(file, { limits }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(PictureError)
    const { message, reason, file: named } = error as PictureError
    expect(named).toBe(file)
    expect(message).toBe(`${file}: ${reason}`)
    expect(reason).not.toContain('\n')
    return reason
  }

  it('names what is wrong with a missing, empty, foreign or special file', async () => {
    expect(await reasonFor(join(folder, 'none.png'))).toBe('no such file')
    expect(await reasonFor(await save('zero.png', ''))).toBe('empty file (0 bytes)')
    expect(await reasonFor(await save('text.png', 'hello, this is no picture'))).toBe(
      'not a picture in a known format',
    )
    expect(await reasonFor(folder)).toBe('not a file')
    await symlink(join(folder, 'loop.png'), join(folder, 'loop.png'))
    expect(await reasonFor(join(folder, 'loop.png'))).toBe('a link that leads to itself')
  })

  it.skipIf(process.platform === 'win32')('does not wait for what is no file on disk', async () => {
    const socket = join(folder, 'socket.png')
    const server = createServer().listen(socket)
    await once(server, 'listening')
    expect(await reasonFor(socket)).toBe('not a file')
    server.close()
  })

  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif', 'avif'] as const)(
    'refuses a %s that is cut short',
    async (format) => {
      const noise = Uint8Array.from({ length: 80 * 60 * 3 }, (_, index) => (index * index * 31) % 251)
      const whole = await sharp(noise, { raw: { width: 80, height: 60, channels: 3 } })
        .toFormat(format)
        .toBuffer()
      const half = whole.subarray(0, Math.floor(whole.length / 2))
      expect(await reasonFor(await save(`half.${format}`, half))).toMatch(
        /^(damaged or unreadable picture \(.+\)|not a picture in a known format)$/,
      )
    },
  )

  it('refuses a png with a damaged middle and a broken svg', async () => {
    const bytes = await twoHalves().png({ compressionLevel: 0 }).toBuffer()
    bytes.fill(0x5a, 100, 200)
    expect(await reasonFor(await save('damaged.png', bytes))).toMatch(/^damaged or unreadable picture/)
    expect(
      await reasonFor(await save('broken.svg', '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>')),
    ).toMatch(/^damaged or unreadable picture|^not a picture/)
  })

  it('keeps to its limits', async () => {
    const file = await save('limits.png', await twoHalves().png().toBuffer())
    expect(await reasonFor(file, { pixels: 959 })).toBe('too many pixels (at most 959)')
    expect(await reasonFor(file, { side: 25 })).toBe('too small (40x24, at least 25x25)')
    expect(await reasonFor(file, { bytes: 50 })).toMatch(/^file too large \(\d+ bytes, at most 50\)$/)
    const huge = '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>'
    expect(await reasonFor(await save('huge.svg', huge))).toBe('too many pixels (at most 100000000)')
    await expect(readPicture(file, { limits: { pixels: 960, side: 24 } })).resolves.toMatchObject({
      width: 40,
    })
  })

  it('refuses decompression bombs and sides of 30 000 pixels from their header alone', async () => {
    const red = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#f00' }, limitInputPixels: false })
        .png({ compressionLevel: 9 })
        .toBuffer()
    const bomb = await save('bomb.png', await red(11_000, 10_000))
    const before = process.memoryUsage().rss
    expect(await reasonFor(bomb)).toBe('too many pixels (at most 100000000)')
    // The picture would take 330 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6)
    expect(await reasonFor(await save('long.png', await red(30_000, 20)))).toBe(
      'too large (30000x20, at most 20000 on a side)',
    )
    expect(await reasonFor(await save('tall.png', await red(20, 30_000)))).toBe(
      'too large (20x30000, at most 20000 on a side)',
    )
  })

  it('refuses an svg that multiplies its text or reads other files', async () => {
    const svg = (entities: string, text: string) =>
      `<?xml version="1.0"?><!DOCTYPE svg [${entities}]><svg xmlns="http://www.w3.org/2000/svg" width="50" height="50">` +
      `<text y="20">${text}</text></svg>`
    const tenfold = [...'bcdefghij'].map(
      (name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`,
    )
    const laughs = svg(`<!ENTITY a "ha">${tenfold.join('')}`, '&j;')
    expect(await reasonFor(await save('laughs.svg', laughs))).toMatch(/^damaged or unreadable picture/)
    const outside = svg('<!ENTITY x SYSTEM "file:///etc/hostname">', '&x;')
    expect(await reasonFor(await save('outside.svg', outside))).toMatch(/^damaged or unreadable picture/)
  })

  it('goes by the content and not by the extension', async () => {
    await expectHalves(
      await save('really-webp.png', await twoHalves().webp({ lossless: true }).toBuffer()),
      0,
    )
    expect(await reasonFor(await save('program.png', '#!/bin/sh\necho hello'))).toBe(
      'not a picture in a known format',
    )
  })
})
