import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'describeLayerContract',
    'expectClose',
    'expectGradientsMatch',
    'expectNoTensorLeak',
    'expectVariableGradientsMatch',
    'readLosses',
    'writePicture',
  ])
})
