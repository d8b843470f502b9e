import { totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { availableMemory, memoryWarning } from './memory-warning.js'

test('a training that fits is no news; one that does not is, with what would help', () => {
  expect(memoryWarning(8e9, 8e9)).toBeUndefined()
  expect(memoryWarning(41.24e9, 8e9)).toBe(
    'This training needs about 41.2 GB of memory, 8.0 GB are there. Lower --batch, --size or model.filters',
  )
})

test('the memory that is there is no more than the machine has', () => {
  expect(availableMemory()).toBeGreaterThan(100e6)
  expect(availableMemory()).toBeLessThanOrEqual(totalmem())
})
