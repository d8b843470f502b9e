import * as tf from '@tensorflow/tfjs-core'
import type { EngineCandidate } from '../engine.js'

export const wasmEngine: EngineCandidate = {
  name: 'wasm',
  device: 'cpu',
  summary: 'WebAssembly SIMD on one thread, made trainable',
  unavailable: () => undefined,
  async activate() {
    const { version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm')
    const { compiledKernels } = await import('../wasm/kernel-tools.js')
    const { registerTrainingKernels } = await import('../wasm/register.js')
    if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend did not start')
    compiledKernels(tf.backend() as Parameters<typeof compiledKernels>[0])
    registerTrainingKernels()
    return { version }
  },
}
