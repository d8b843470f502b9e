import { indexedShape, requireIndices } from '../index-check.js'
import { input, type Kernel } from './kernel-tools.js'

/** The backend's own kernels read and write wherever an index points. */
export const checkingIndices =
  (kernelName: string) =>
  (original: Kernel): Kernel =>
  (call) => {
    const indices = input(call.inputs, 'indices')
    const shape = indexedShape[kernelName]!(call.inputs, call.attrs?.shape)
    requireIndices(call.backend.typedArrayFromHeap(indices), indices.shape.at(-1) ?? 1, shape)
    return original(call)
  }
