import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { onCpu } from './cpu-fallback.js'
import type { Kernel } from './kernel-tools.js'

const isEmpty = (info: TensorInfo | undefined): boolean => info?.shape.includes(0) ?? false

/**
 * Tensors without elements go to the cpu kernel: those of WebAssembly divide by their sizes, which ends the program
 * ("divide by zero"), or leave sums over nothing unwritten.
 */
export function emptyOnCpu(name: string): (original: Kernel) => Kernel {
  if (!tf.getKernel(name, 'cpu')) return (original) => original
  const cpu = onCpu(name)
  return (original) => (call) => (Object.values(call.inputs).some(isEmpty) ? cpu : original)(call)
}
