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
    const started = await withoutErrorListeners(() => tf.setBackend('wasm'))
    if (!started) throw new Error('the WebAssembly backend did not start')
    compiledKernels(tf.backend() as Parameters<typeof compiledKernels>[0])
    registerTrainingKernels()
    return { version }
  },
}

type Listener = (...values: unknown[]) => void

/**
 * Emscripten's start-up code listens to uncaught errors of the whole process, only to throw them again from its
 * one minified line, which Node then prints: 35,000 characters above every error. Node reports them well by itself.
 */
async function withoutErrorListeners<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = events.map((event) => process.listeners(event as 'uncaughtException') as Listener[])
  try {
    return await start()
  } finally {
    for (const [index, event] of events.entries()) {
      for (const listener of process.listeners(event as 'uncaughtException') as Listener[]) {
        const isNew = !before[index]?.includes(listener)
        if (isNew && /ExitStatus|throw reason/.test(String(listener))) process.removeListener(event, listener)
      }
    }
  }
}
