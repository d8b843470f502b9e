import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { count, formatDuration, formatNumber, formatRate, shellWord } from './format.js'

test('durations are as long as they need to be', () => {
  expect([0, 59.4, 59.6, 187, 3750].map(formatDuration)).toEqual(['0 s', '59 s', '1:00', '3:07', '1:02:30'])
})

test('numbers have three significant digits', () => {
  const numbers = [0, 0.012345, -18.149, 4567.8, 1.23e-7, 2.5e9, Number.NaN]
  expect(numbers.map(formatNumber)).toEqual(['0', '0.0123', '-18.1', '4568', '1.2e-7', '2.5e+9', 'NaN'])
})

test('slow rates turn into the time for each', () => {
  expect(formatRate(12.34, 'step')).toBe('12.3 steps/s')
  expect(formatRate(0.5, 'step')).toBe('2 s/step')
  expect(formatRate(0, 'step')).toBe('0 steps/s')
})

test('nouns agree with their number', () => {
  expect([count(1, 'file'), count(2, 'file'), count(0, 'file')]).toEqual(['1 file', '2 files', '0 files'])
})

test('shell words are quoted when they must be', () => {
  expect(shellWord('runs/a-1')).toBe('runs/a-1')
  expect(shellWord("it's here")).toBe("'it'\\''s here'")
  const hostile = "a\x1b[2J\n'\\\u009b\u202e é"
  expect(shellWord(hostile)).toBe("$'a\\x1b[2J\\n\\'\\\\\\u009b\\u202e é'")
  const read = execFileSync('bash', ['-c', `printf %s ${shellWord(hostile)}`], {
    env: { LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  expect(read.toString()).toBe(hostile)
})
