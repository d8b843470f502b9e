import { expect, test } from 'vitest'

test('exports exactly what is public', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'choice',
    'conditional',
    'defineConfig',
    'defineTraining',
    'int',
    'logUniform',
    'run',
    'uniform',
  ])
})

test('defineConfig returns its argument', async () => {
  const { defineConfig } = await import('./index.js')
  const config = { size: 32, model: { filters: 8 } }
  expect(defineConfig(config)).toBe(config)
})
