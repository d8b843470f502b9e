import { expect, test } from 'vitest'
import { mergeConfigs, valueAt } from './merge.js'

test('later layers win key by key, arrays and null replace', () => {
  const below = { a: 1, model: { filters: 4, levels: 2 }, list: [1, 2], gone: 1 }
  const merged = mergeConfigs(below, { a: undefined, model: { levels: 3 }, list: [3], gone: null })
  expect(merged).toEqual({ a: 1, model: { filters: 4, levels: 3 }, list: [3], gone: null })
  expect(below.model.levels).toBe(2)
})

test('a key named __proto__ stays a key', () => {
  const merged = mergeConfigs({}, JSON.parse('{"__proto__": {"size": 3}}'))
  expect(Object.keys(merged)).toEqual(['__proto__'])
  expect((merged as { size?: number }).size).toBeUndefined()
})

test('valueAt follows own keys only', () => {
  expect(valueAt({ a: { b: 3 } }, ['a', 'b'])).toBe(3)
  expect(valueAt({ a: 3 }, ['a', 'b', 'c'])).toBeUndefined()
  expect(valueAt({}, ['constructor'])).toBeUndefined()
})
