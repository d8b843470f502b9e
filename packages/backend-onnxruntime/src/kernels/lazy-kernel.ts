import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'

/** Records a kernel, or returns `undefined` when the CPU kernel of TensorFlow.js has to compute it. */
export type LazyKernel = (
  backend: OnnxRuntimeBackend,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
) => TensorInfo | TensorInfo[] | undefined

export type LazyKernels = Record<string, LazyKernel>

/** Gives a kernel the types of its inputs and attributes, which TensorFlow.js' registry does not know. */
export const lazyKernel = <Inputs, Attrs = object>(
  record: (
    backend: OnnxRuntimeBackend,
    inputs: Inputs,
    attrs: Attrs,
  ) => TensorInfo | TensorInfo[] | undefined,
): LazyKernel => record as unknown as LazyKernel
