import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'canMount',
    'describeLayerContract',
    'describeReferences',
    'expectClose',
    'expectGradientsMatch',
    'expectNoTensorLeak',
    'expectVariableGradientsMatch',
    'measureReference',
    'mountSmallDisk',
    'readLosses',
    'rewriteCheckpoint',
    'writePicture',
  ])
})
