import { expect, test } from 'vitest'
import { layPaint } from './lay-paint.js'
import { paintLayer } from './paint-layer.js'
import { findRegions } from './regions.js'
import { spreadPaint } from './spread-paint.js'

const SIZE = 8
const LARGE = 160
const every = (n: number, value: (i: number) => number) =>
  Float32Array.from({ length: n }, (_, i) => value(i))
const grey = (size: number, tone: number) => ({
  width: size,
  height: size,
  data: every(size ** 2, () => tone),
})

test('tone is in the drawing once: what the network gives back unchanged is no paint', () => {
  const { tint } = paintLayer(
    every(SIZE ** 2 * 3, () => 180 / 255),
    grey(SIZE, 180 / 255),
  )
  for (const value of tint) expect(value).toBeCloseTo(1, 6)
})

test('paint on tone is the factor between the two', () => {
  const colour = [0.6, 0.3, 0.1]
  const { tint } = paintLayer(
    every(SIZE ** 2 * 3, (i) => colour[i % 3]!),
    grey(SIZE, 0.6),
  )
  expect([...tint.subarray(0, 3)].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([1, 0.5, 0.166667])
})

test('ink takes no paint, and is trusted less than paper', () => {
  const line = grey(SIZE, 1)
  line.data[3 * SIZE + 3] = 0
  const { tint, trust } = paintLayer(
    every(SIZE ** 2 * 3, () => 0),
    line,
  )
  expect(tint[3 * (3 * SIZE + 3)]).toBe(1)
  expect(trust[3 * SIZE + 3]! / trust[0]!).toBeLessThan(1e-3)
})

/** A line down the middle; red paint to the right of it, and a little over it, as a coarse network leaves it. */
const halves = () => {
  const isInk = (x: number) => Math.abs(x - 80) < 3
  const drawing = { ...grey(LARGE, 1), data: every(LARGE ** 2, (i) => Number(!isInk(i % LARGE))) }
  const line = {
    ...grey(SIZE, 1),
    data: every(SIZE ** 2, (i) => (i % SIZE === 3 || i % SIZE === 4 ? 0.9 : 1)),
  }
  const red = [0.9, 0.2, 0.2]
  const coloured = every(SIZE ** 2 * 3, (i) => (Math.floor(i / 3) % SIZE > 3 ? red[i % 3]! : 1))
  return spreadPaint(paintLayer(coloured, line), findRegions(drawing))
}

test('no paint crosses a line: paper beside it stays paper and paint is whole up to it', () => {
  const { data } = halves()
  const at = (x: number) => [...data.subarray(3 * (40 * LARGE + x), 3 * (40 * LARGE + x) + 3)]
  expect(at(5)).toEqual([255, 255, 255])
  expect(at(76)).toEqual([255, 255, 255])
  expect(at(84)[1]).toBeLessThan(60)
  expect(at(84)[0]).toBeGreaterThan(220)
})

test('paint is laid over a larger drawing by multiplication; where there is none every byte stays', () => {
  const width = 3 * LARGE + 1
  const data = Uint8Array.from({ length: width * LARGE * 3 }, (_, i) => (i * 7) % 256)
  const { data: laid } = layPaint({ width, height: LARGE, data }, halves())
  for (let y = 0; y < LARGE; y++) {
    const row = 3 * y * width
    expect(laid.subarray(row, row + 3 * 230)).toEqual(data.subarray(row, row + 3 * 230))
    for (let i = row + 3 * 270 + 1; i < row + 3 * 270 + 300; i += 3) {
      expect(Math.abs(laid[i]! / Math.max(1, data[i]!) - 0.22)).toBeLessThan(0.15 + 1 / Math.max(1, data[i]!))
    }
  }
})

test('on the ground, paint is kept in patches up to the lines around them, and haze beside a line is not', () => {
  // A figure that is open below: lines at its left, right and top. The network painted what is between them.
  const isLine = (x: number, y: number) =>
    y >= 40 && y < 130 && x >= 30 && x < 130 && (y < 46 || x < 36 || x >= 124)
  const at = (i: number, size: number) =>
    [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size] as const
  const small = 32
  const isPainted = (x: number, y: number) => x > 0.19 && x < 0.81 && y > 0.25 && y < 0.75
  const drawing = {
    ...grey(LARGE, 1),
    data: every(LARGE ** 2, (i) => Number(!isLine(i % LARGE, Math.floor(i / LARGE)))),
  }
  const line = {
    ...grey(small, 1),
    data: every(small ** 2, (i) => {
      const [x, y] = at(i, small)
      return isLine(Math.floor(x * LARGE), Math.floor(y * LARGE)) ? 0.1 : 1
    }),
  }
  // A pixel of haze to each side: the paint is a little wider than the figure.
  const coloured = every(small ** 2 * 3, (i) => {
    const [x, y] = at(Math.floor(i / 3), small)
    const light = line.data[Math.floor(i / 3)]!
    return light * (isPainted(x, y) ? [0.9, 0.4, 0.2][i % 3]! : 1)
  })
  const { data } = spreadPaint(paintLayer(coloured, line), findRegions(drawing))
  const strength = (x: number, y: number) => 255 - data[3 * (y * LARGE + x) + 2]!
  expect(strength(80, 80)).toBeGreaterThan(180)
  expect(strength(40, 80)).toBeGreaterThan(150)
  expect(strength(80, 50)).toBeGreaterThan(150)
  for (const [x, y] of [
    [26, 80],
    [134, 80],
    [80, 36],
    [10, 10],
    [80, 150],
  ] as const)
    expect(strength(x, y)).toBe(0)
})
