import { expect, test } from 'vitest'

test('exports the functions of the README and nothing else', async () => {
  expect(Object.keys(await import('./index.js')).sort()).toEqual([
    'ExportError',
    'compileStep',
    'exportOnnx',
    'flush',
    'onnxruntimeStats',
    'registerOnnxRuntimeBackend',
    'resetOnnxruntimeStats',
    'useOnnxRuntime',
  ])
})
