import { expect, test } from 'vitest'
import { lineChart } from './chart.js'

const curve = (length: number, value: (i: number) => number) =>
  Array.from({ length }, (_, i) => [i + 1, value(i)] as const)

/** The path data of the curves: those that carry the colour of the given series. */
const paths = (svg: string, series: number) =>
  [...svg.matchAll(/<path d="([^"]*)"[^>]*stroke="var\(--series-(\d)\)"/g)]
    .filter(([, , number]) => Number(number) === series)
    .map(([, path]) => path ?? '')

test('draws higher values further up and later steps further right', () => {
  const [path] = paths(
    lineChart({
      series: [
        {
          name: 'l1',
          points: [
            [1, 5],
            [2, 1],
            [3, 3],
          ],
        },
      ],
    }),
    1,
  )
  const numbers = path?.match(/[\d.]+/g)?.map(Number) ?? []
  const [x1, y1, x2, y2, x3, y3] = numbers as [number, number, number, number, number, number]
  expect(x1 < x2 && x2 < x3).toBe(true)
  expect(y1 < y3 && y3 < y2).toBe(true)
})

test('a long curve gets a smoothed one over it, a short one does not', () => {
  const noisy = (i: number) => 1 + (i % 2)
  expect(paths(lineChart({ series: [{ name: 'l1', points: curve(20, noisy) }] }), 1)).toHaveLength(1)
  const [raw, smooth] = paths(lineChart({ series: [{ name: 'l1', points: curve(400, noisy) }] }), 1)
  const spread = (path: string | undefined) => {
    const heights = [...(path ?? '').matchAll(/[ML][\d.]+ ([\d.]+)/g)].slice(-20).map(([, y]) => Number(y))
    return Math.max(...heights) - Math.min(...heights)
  }
  expect(spread(smooth)).toBeLessThan(spread(raw) / 3)
})

test('gaps break the curve; a logarithmic chart leaves out what has no logarithm', () => {
  const points = curve(9, (i) => (i === 4 ? Number.NaN : i + 1))
  const [path] = paths(lineChart({ series: [{ name: 'l1', points }] }), 1)
  expect(path?.match(/M/g)).toHaveLength(2)
  const zero = curve(9, (i) => (i === 4 ? 0 : 10 ** i))
  const [logarithmic] = paths(lineChart({ series: [{ name: 'norm', points: zero }], logarithmic: true }), 1)
  expect(logarithmic?.match(/M/g)).toHaveLength(2)
  expect(logarithmic).not.toMatch(/NaN|Infinity/)
  const long = curve(99, (i) => (i === 50 ? 0 : 10))
  const [, smooth] = paths(lineChart({ series: [{ name: 'norm', points: long }], logarithmic: true }), 1)
  expect(smooth?.match(/M/g)).toHaveLength(2)
})

test('scales with its box, takes its colours from the page, and charts do not share ids', () => {
  const one = lineChart({
    series: [
      {
        name: 'a',
        points: [
          [1, 1],
          [2, 2],
        ],
      },
    ],
  })
  const two = lineChart({
    series: [
      {
        name: 'a',
        points: [
          [1, 1],
          [2, 2],
        ],
      },
    ],
  })
  expect(one).toMatch(/^<svg [^>]*viewBox="0 0 400 220"/)
  expect(one).not.toMatch(/<svg [^>]*(width|height)=/)
  expect(one).not.toContain('<style')
  const ids = (svg: string) => [...svg.matchAll(/id="([^"]+)"/g)].map(([, id]) => id)
  expect(ids(one).filter((id) => ids(two).includes(id))).toEqual([])
})
