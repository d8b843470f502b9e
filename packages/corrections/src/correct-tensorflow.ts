import { findBackend } from '@tensorflow/tfjs-core'
import { allowBatchNormWithoutScale } from './batch-norm.js'
import { addChainedOperations } from './chained-operations.js'
import { copyArraysOfUsers } from './own-arrays.js'

/**
 * Corrects what TensorFlow.js gets wrong whichever backend computes. Calling it again does nothing new; layers are
 * corrected that were loaded before the call.
 *
 * - Recurrent layers and the metric R² work without the union package.
 * - `tf.batchNorm` without scale or offset has a gradient; `batchNormalization({ scale: false })` and
 *   `({ center: false })` train.
 * - Tensors of the cpu backend keep their values when the array changes that they were made of.
 * - The cpu backend, where it is loaded, does not advise another one.
 */
export function correctTensorFlow(): void {
  addChainedOperations()
  allowBatchNormWithoutScale()
  copyArraysOfUsers()
  const cpu = findBackend('cpu') as { firstUse?: boolean } | null
  if (cpu !== null) cpu.firstUse = false
}
