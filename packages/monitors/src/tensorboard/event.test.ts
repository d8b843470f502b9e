import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { expect, test } from 'vitest'
import { encodePng } from './encode-png.js'
import { histogramValue, imageValue, scalarValue, summaryEvent, versionEvent } from './event.js'
import { histogramOf } from './histogram.js'
import { encodeRecord } from './record.js'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'))
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test('events have the bytes that TensorBoard writes', () => {
  const expected = read('events') as Record<'version' | 'summary', string>
  const histogram = {
    min: -1.5,
    max: 2.5,
    count: 7,
    sum: 3.25,
    squares: 11.5,
    limits: [-0.5, 0.5, 2.5],
    counts: [1, 4, 2],
  }
  const png = Uint8Array.from({ length: 24 }, (_, index) => index)
  const values = [
    scalarValue('losses/loss', 0.1),
    histogramValue('weights/größe', histogram),
    imageValue('sample', { width: 4, height: 2, channels: 3, png }),
  ]
  expect(base64(versionEvent(1.5))).toBe(expected.version)
  expect(base64(summaryEvent(2.25, 300, values))).toBe(expected.summary)
})

test('records have the bytes that TensorBoard writes', () => {
  const { data, bytes } = (read('events') as { record: { data: string; bytes: string } }).record
  expect(base64(encodeRecord(Buffer.from(data), crc32c))).toBe(bytes)
})

test('histograms equal those of NumPy, scaled to the size of what was sampled', () => {
  const { sample, limits, counts } = (
    read('statistics') as { histogram: { sample: number[]; limits: number[]; counts: number[] } }
  ).histogram
  const histogram = histogramOf(sample, 400)!
  expect(histogram.counts).toEqual(counts.map((count) => 2 * count))
  histogram.limits.forEach((limit, index) => {
    expect(limit).toBeCloseTo(limits[index]!, 10)
  })
  expect(histogramOf([Number.NaN])).toBeUndefined()
  expect(histogramOf([3, 3])).toMatchObject({ limits: [3], counts: [2] })
})

test('a PNG holds size, colour type and pixels', () => {
  const pixels = Uint8ClampedArray.from({ length: 18 }, (_, index) => 14 * index)
  const png = Buffer.from(encodePng({ step: 0, name: '', width: 3, height: 2, channels: 3, pixels }))
  expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([3, 2, 8, 2])
  const start = png.indexOf('IDAT') + 4
  const rows = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)))
  expect([...rows]).toEqual([0, ...pixels.slice(0, 9), 0, ...pixels.slice(9)])
})
