import { expect, test } from 'vitest'

test('the package exports exactly these names', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual(['exportPaint', 'paint'])
})
