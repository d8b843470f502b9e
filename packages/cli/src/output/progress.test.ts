import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Progress } from './progress.js'

/** What is written when `seconds[i]` after the start unit `i + 1` is done. */
function linesFor(seconds: number[], total: number, from = 0): string[] {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough
  let time = 0
  const progress = new Progress({ label: 'Training', unit: 'step', from, total, stream, now: () => time })
  seconds.forEach((second, index) => {
    time = second * 1000
    progress.update(from + index + 1, `l1 ${index}`)
  })
  progress.stop()
  return String(stream.read() ?? '')
    .split('\n')
    .slice(0, -1)
}

test('nothing that takes less than two seconds is mentioned', () => {
  expect(linesFor([0.1, 0.2, 0.3], 100)).toEqual([])
  expect(linesFor([1, 1.9], 2)).toEqual([])
})

test('a slow task prints a line every ten seconds', () => {
  const lines = linesFor(
    Array.from({ length: 30 }, (_, i) => i + 1),
    1000,
  )
  expect(lines.map((line) => line.split(' ')[2])).toEqual(['10/1000', '20/1000', '30/1000'])
  expect(lines[1]).toBe('Training: step 20/1000 · 1 steps/s · ETA 16:20 · l1 19')
})

test('a fast task prints a line every five per cent', () => {
  const lines = linesFor(
    Array.from({ length: 100 }, (_, i) => 2 + i / 20),
    100,
  )
  expect(lines).toHaveLength(20)
})

test('a resumed task counts from where it continued', () => {
  expect(linesFor([1, 3, 5], 103, 100).at(-1)).toBe('Training: step 103/103 · 2 s/step · ETA 0 s · l1 2')
})
