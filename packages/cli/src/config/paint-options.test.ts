import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PaintFlags, paintSettings } from './paint-options.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dlkit-paint-'))
})
afterAll(() => rm(folder, { recursive: true }))

const stroke = { colour: '#d2493a', points: [[12, 8]] }
const settings = (flags: PaintFlags, pictures = ['a/page.png']) => paintSettings(flags, pictures)
const strokes = async (content: unknown) => {
  const file = join(folder, 'strokes.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

test('without options pictures are painted flat and whole, with their ink', async () => {
  const { hintsOf, ...values } = await settings({})
  expect(values).toEqual({ strength: 1, keepInk: true, style: 'flat', variants: 1 })
  expect(hintsOf('a/page.png')).toEqual([])
})

test('reads colours in three ways, and a list of strokes for the only picture', async () => {
  const hints = await strokes([stroke, { colour: [1, 2, 3], points: [[0, 0]], width: 4 }])
  const { palette, hintsOf } = await settings({ palette: '#f9c9a0, c8553d,#08f', hints })
  expect(palette).toEqual([
    [249, 201, 160],
    [200, 85, 61],
    [0, 136, 255],
  ])
  expect(hintsOf('a/page.png')).toEqual([
    { colour: [210, 73, 58], points: [[12, 8]] },
    { colour: [1, 2, 3], points: [[0, 0]], width: 4 },
  ])
})

test('finds strokes by the path or the name of a picture', async () => {
  const hints = await strokes({ 'one.png': [stroke], 'b/two.png': [stroke, stroke] })
  const { hintsOf } = await settings({ hints }, ['a/one.png', 'b/two.png', 'three.png'])
  expect(['a/one.png', 'b/two.png', 'three.png'].map((picture) => hintsOf(picture).length)).toEqual([1, 2, 0])
})

test.each<[PaintFlags, string]>([
  [{ strength: '2' }, '--strength: expected a number from 0 to 1, got "2"'],
  [{ strength: '' }, '--strength: expected a number from 0 to 1, got ""'],
  [{ style: 'oil' }, '--style: expected flat or shaded, got "oil"'],
  [{ layers: 'gif' }, '--layers: expected png or psd, got "gif"'],
  [{ variants: '0' }, '--variants: expected a whole number >= 1, got "0"'],
  [{ variants: '10' }, '--variants: expected at most 9, got 10'],
  [{ variants: '2', palette: '#fff' }, '--variants: brings its own palettes; leave out --palette'],
  [{ palette: 'red' }, '--palette: expected a colour such as #c8553d, got "red"'],
  [{ palette: Array(17).fill('#fff').join() }, '--palette: expected at most 16 colours, got 17'],
  [{ hints: '/nowhere.json' }, '--hints: /nowhere.json cannot be read; name a file of strokes'],
])('%o is refused', async (flags, message) => {
  await expect(settings(flags)).rejects.toThrow(message)
})

test.each([
  ['{', /is no JSON/],
  [7, /expected a list of strokes, got 7/],
  [{ 'other.png': [] }, /no picture is called "other.png"/],
  [{ 'page.png': {} }, /page\.png: expected a list, got \{\}/],
  [[{ ...stroke, color: 1 }], /stroke 1: expected colour, points and width, got "color"/],
  [[stroke, { colour: '#fff' }], /stroke 2: points: expected \[\[x, y\], \.\.\.\] in pixels, got undefined/],
  [[{ ...stroke, points: [[1]] }], /stroke 1: points: expected/],
  [
    [{ ...stroke, colour: [0, 0, 256] }],
    /stroke 1: colour: expected a colour such as #c8553d, got \[0,0,256\]/,
  ],
  [[{ ...stroke, width: 0 }], /stroke 1: width: expected a number above 0, got 0/],
  [[null], /stroke 1: points: expected/],
])('strokes %j are refused', async (content, message) => {
  await expect(settings({ hints: await strokes(content) })).rejects.toThrow(message)
})

test('a list of strokes for several pictures is refused', async () => {
  const hints = await strokes([stroke])
  await expect(settings({ hints }, ['a.png', 'b.png'])).rejects.toThrow(
    'is a list of strokes for one picture, got 2',
  )
})
