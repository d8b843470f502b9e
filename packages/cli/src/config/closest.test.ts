import { expect, test } from 'vitest'
import { closest } from './closest.js'

test('finds the candidate with the fewest edits', () => {
  expect(closest('stpes', ['size', 'steps', 'seed'])).toBe('steps')
  expect(closest('Batch', ['batch', 'bath'])).toBe('batch')
})

test('finds a nested key by its last part', () => {
  expect(closest('filters', ['model', 'model.filters'])).toBe('model.filters')
  expect(closest('mdel.filter', ['model', 'model.filters'])).toBe('model.filters')
})

test('stays silent when nothing is close', () => {
  expect(closest('pineapple', ['size', 'steps'])).toBeUndefined()
  expect(closest('foo', ['seed'])).toBeUndefined()
})
