import { expect, test } from 'vitest'
import { configSchema, presets } from './config.js'

const messageOf = (input: unknown) => configSchema.safeParse(input).error?.issues[0]

test('an empty configuration is complete', () => {
  expect(configSchema.parse({})).toMatchObject({
    data: 'openmoji',
    size: 64,
    model: { filters: 32 },
    seed: 1,
  })
})

test.each(Object.entries(presets))('the preset %s is valid', (_, preset) => {
  expect(configSchema.safeParse(preset).success).toBe(true)
})

test('a side that the levels cannot halve is refused, with the multiple it needs', () => {
  expect(messageOf({ size: 72, model: { levels: 4 } })).toMatchObject({
    path: ['size'],
    message: 'expected a multiple of 16 (2 to the power of model.levels), got 72',
  })
})

test('unknown keys are refused, nested ones too', () => {
  expect(messageOf({ model: { filter: 3 } })).toMatchObject({ code: 'unrecognized_keys', path: ['model'] })
  expect(messageOf({ sizes: 3 })).toMatchObject({ code: 'unrecognized_keys', path: [] })
})
