import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'Chain',
    'accumulate',
    'adafactor',
    'adam',
    'adamW',
    'adaptiveClip',
    'centralize',
    'chain',
    'clipByGlobalNorm',
    'clipByNorm',
    'clipByValue',
    'freeze',
    'layerwiseDecay',
    'lion',
    'loadOptimizerTensors',
    'nadam',
    'optimizerTensors',
    'rmsprop',
    'scaleRates',
    'sgd',
    'skipNonFinite',
    'stateOf',
    'weightDecay',
  ])
})
