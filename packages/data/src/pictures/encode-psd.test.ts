import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initializeCanvas, readPsd } from 'ag-psd'
import { expect, test } from 'vitest'
import { pictureIdentifier } from './encode-picture.js'
import { encodePsd } from './encode-psd.js'
import type { Picture } from './picture.js'

// The reader makes its pictures with these; there is no canvas in Node.
initializeCanvas(
  () => {
    throw new Error('no canvas')
  },
  (width, height) =>
    ({ width, height, data: new Uint8ClampedArray(4 * width * height) }) as ReturnType<
      NonNullable<Parameters<typeof initializeCanvas>[1]>
    >,
)

const picture = (shift: number, more: Partial<Picture> = {}): Picture => ({
  width: 5,
  height: 3,
  data: Uint8Array.from({ length: 45 }, (_, i) => (i * 7 + shift) % 256),
  ...more,
})

test('keeps the pixels, names, order and modes of layers, and how dense they are', async () => {
  const [colour, ink, whole] = [picture(0), picture(90), picture(180, { density: 350 })]
  const file = await encodePsd(
    [
      { name: 'flat', picture: colour },
      { name: 'ink', picture: ink, blend: 'multiply' },
    ],
    whole,
  )
  const read = readPsd(file, { useImageData: true })
  expect([read.width, read.height]).toEqual([5, 3])
  expect(read.imageResources?.resolutionInfo?.horizontalResolution).toBe(350)
  expect(read.children?.map(({ name, blendMode }) => [name, blendMode])).toEqual([
    ['flat', 'normal'],
    ['ink', 'multiply'],
  ])
  const rgb = (data: ArrayLike<number>) => Array.from(data).filter((_, i) => i % 4 !== 3)
  expect(rgb(read.children![0]!.imageData!.data)).toEqual([...colour.data])
  expect(rgb(read.children![1]!.imageData!.data)).toEqual([...ink.data])
  expect(rgb(read.imageData!.data)).toEqual([...whole.data])
})

test('keeps an identifier, which is found again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dlkit-psd-'))
  const file = join(folder, 'a.psd')
  await writeFile(file, await encodePsd([{ name: 'ink', picture: picture(0) }], picture(1), 'abc123'))
  expect(await pictureIdentifier(file)).toBe('abc123')
  await writeFile(file, await encodePsd([{ name: 'ink', picture: picture(0) }], picture(1)))
  expect(await pictureIdentifier(file)).toBeUndefined()
  await rm(folder, { recursive: true })
})

test('refuses layers of several sizes', async () => {
  const small = { width: 1, height: 1, data: new Uint8Array(3) }
  await expect(encodePsd([{ name: 'ink', picture: small }], picture(0))).rejects.toThrow(
    'encodePsd: expected layers of 5 x 3, got 1 x 1 ("ink"). Resize them first.',
  )
})
