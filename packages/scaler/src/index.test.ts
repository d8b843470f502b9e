import { expect, test } from 'vitest'

test('exports the public names only', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'ImageScaler',
    'MinMaxScaler',
    'PowerScaler',
    'QuantileScaler',
    'RobustScaler',
    'Scaler',
    'ScalerLayer',
    'StandardScaler',
    'driftPicture',
    'driftSummary',
    'driftTable',
    'registerScalerLayer',
    'scalerFromJSON',
  ])
})
