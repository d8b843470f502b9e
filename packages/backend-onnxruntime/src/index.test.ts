import { expect, test } from 'vitest'

test('exports the functions of the README and nothing else', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'DeviceLostError',
    'DeviceMemoryError',
    'ExportError',
    'compileStep',
    'examineGpu',
    'exportOnnx',
    'flush',
    'onnxruntimeStats',
    'registerOnnxRuntimeBackend',
    'resetOnnxruntimeStats',
    'timeSteps',
    'useOnnxRuntime',
  ])
})
