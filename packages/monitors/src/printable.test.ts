import { expect, test } from 'vitest'
import { printable, printableJson } from './printable.js'

const hostile = 'a\x1b[2J\u009b31m\n\r\t\x7f\u2028\u202eb\u2066\ud800é猫😀 '

test('shows what a terminal would obey', () => {
  expect(printable(hostile)).toBe('a\\x1b[2J\\u009b31m\\n\\r\\t\\x7f\\u2028\\u202eb\\u2066\\ud800é猫😀 ')
})

test('JSON stays the same value', () => {
  const json = printableJson({ file: hostile })
  expect(json).toMatch(/^[\x20-\x7eé猫😀]+$/u)
  expect(JSON.parse(json)).toEqual({ file: hostile })
})
