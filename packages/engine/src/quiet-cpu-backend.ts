import '@tensorflow/tfjs-backend-cpu'
import type { KernelBackend } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * The cpu backend without its start-up banner. The banner advises installing tfjs-node, which is for `useEngine`
 * to say; the backend prints it at its first write. Everything else it warns about is still printed.
 */
export function quietCpuBackend(): KernelBackend {
  const backend = tf.findBackend('cpu') as KernelBackend & { firstUse?: boolean }
  backend.firstUse = false
  return backend
}
