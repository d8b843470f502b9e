import { expect, test } from 'vitest'

test('exports useEngine and nothing else', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual(['useEngine'])
})
