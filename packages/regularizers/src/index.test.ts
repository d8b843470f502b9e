import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'Dropout',
    'SpatialDropout2D',
    'dropoutCalls',
    'kernelsOf',
    'l1',
    'l1Penalty',
    'l1l2',
    'l2',
    'l2Penalty',
    'registerRegularizers',
    'setDropoutCalls',
  ])
})
