import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'MultiHeadAttention',
    'SelfAttention2D',
    'prelu',
    'registerLayers',
    'scaledDotProductAttention',
  ])
})
