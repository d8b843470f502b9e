import { expect, test } from 'vitest'
import { configSchema } from './config.js'
import { estimatedMemory } from './estimated-memory.js'

// Peak of `dlkit train --steps 3`, 40 pictures, in MB, as `process.resourceUsage().maxRSS` told it on two cores.
test.each([
  [64, 8, 821],
  [128, 4, 1225],
  [256, 1, 1381],
  [256, 4, 2646],
  [512, 1, 3817],
])('%i² in batches of %i: within a fifth of the %i MB that were measured', (size, batch, megabytes) => {
  const estimated = estimatedMemory(configSchema.parse({ size, batch })) / 1e6
  expect(Math.abs(estimated / megabytes - 1)).toBeLessThan(0.2)
})

test('grows with the batch, with the filters, and with attention', () => {
  const of = (config: object) => estimatedMemory(configSchema.parse(config))
  expect(of({ size: 128, batch: 8 })).toBeGreaterThan(of({ size: 128, batch: 4 }))
  expect(of({ model: { filters: 64 } })).toBeGreaterThan(of({}))
  expect(of({ size: 512, model: { attention: false } })).toBeLessThan(of({ size: 512 }) - 1e9)
})
