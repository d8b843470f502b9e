import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'canMount',
    'compileGpuStandIn',
    'compileOperators',
    'describeLayerContract',
    'describeReferences',
    'expectClose',
    'expectGradientsMatch',
    'expectNoTensorLeak',
    'expectVariableGradientsMatch',
    'hasCompiler',
    'measureReference',
    'mountSmallDisk',
    'readLosses',
    'rewriteCheckpoint',
    'writePicture',
  ])
})
