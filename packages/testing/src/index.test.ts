import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'describeLayerContract',
    'describeReferences',
    'expectClose',
    'expectGradientsMatch',
    'expectNoTensorLeak',
    'expectVariableGradientsMatch',
    'measureReference',
    'readLosses',
    'rewriteCheckpoint',
    'writePicture',
  ])
})
