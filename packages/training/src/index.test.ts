import { expect, test } from 'vitest'

test('the package exports exactly these names', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'CheckpointError',
    'ExponentialMovingAverage',
    'NonFiniteLossError',
    'RunFolder',
    'RunFolderError',
    'RunLockedError',
    'SafetensorsError',
    'decodeSafetensors',
    'encodeSafetensors',
    'every',
    'joinGroups',
    'loadCheckpoint',
    'loadModelTensors',
    'loadOptimizerTensors',
    'logMetrics',
    'modelTensors',
    'optimizerTensors',
    'replayedStep',
    'runSteps',
    'saveCheckpoint',
    'takeGroup',
    'watchLosses',
  ])
  expect(Object.keys(await import('./files.js')).sort()).toEqual([
    'IrregularFileError',
    'isLiving',
    'readRegularFile',
    'reasonOf',
    'replaceFile',
    'startOf',
  ])
})
