import { expect, test } from 'vitest'
import { showValue } from './show-value.js'

test.each([
  ['many', '"many"'],
  [[3, 'a', null], '[3,"a",null]'],
  [{ a: { b: [] }, 'c d': true }, '{"a":{"b":[]},"c d":true}'],
  [undefined, 'undefined'],
  [Number.NaN, 'NaN'],
  [10n, '10n'],
  [{ of: () => 3 }, '{"of":a function}'],
])('%o is shown as %s', (value, text) => {
  expect(showValue(value)).toBe(text)
})

test('what is long, deep, shared or circular is cut', () => {
  expect(showValue('x'.repeat(1e6))).toBe(`"${'x'.repeat(79)} …`)
  const circular: Record<string, unknown> = {}
  circular.self = circular
  expect(showValue(circular)).toMatch(/^(\{"self":){9}.* …$/)
  let bomb: unknown = 'lol'
  for (let level = 0; level < 40; level++) bomb = Array(10).fill(bomb)
  expect(showValue(bomb)).toMatch(/^\[{40}"lol","lol".* …$/)
})
