import { checkIndices } from '../index-check.js'
import { input, type Kernel } from './kernel-tools.js'

/** The backend's own kernels read and write wherever an index points. */
export const checkingIndices =
  (kernelName: string) =>
  (original: Kernel): Kernel =>
  (call) => {
    const indices = input(call.inputs, 'indices')
    checkIndices(kernelName, call.inputs, call.attrs?.shape, call.backend.typedArrayFromHeap(indices))
    return original(call)
  }
