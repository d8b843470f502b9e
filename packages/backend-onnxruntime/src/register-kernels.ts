import {
  getKernelsForBackend,
  type KernelConfig,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from './backend.js'
import type { LazyKernel, LazyKernels } from './kernels/lazy-kernel.js'

/** Registers every kernel that TensorFlow.js has for its CPU backend; those in `lazy` are recorded when possible. */
export function registerKernels(backendName: string, lazy: LazyKernels): void {
  for (const config of getKernelsForBackend('cpu')) {
    registerKernel({ ...withFallback(config, lazy[config.kernelName]), backendName })
  }
}

/** A kernel that is recorded when possible, and computed by the kernel that is given otherwise. */
export function withFallback(
  { kernelName, kernelFunc }: Pick<KernelConfig, 'kernelName' | 'kernelFunc'>,
  record: LazyKernel | undefined,
) {
  return {
    kernelName,
    kernelFunc: (parameters: Parameters<KernelConfig['kernelFunc']>[0]) => {
      const backend = parameters.backend as OnnxRuntimeBackend
      const inputs = parameters.inputs ?? {}
      const attrs = parameters.attrs ?? {}
      return backend.kernel(
        kernelName,
        Object.values(inputs) as (TensorInfo | undefined)[],
        record && (() => record(backend, inputs, attrs)),
        () => kernelFunc(parameters),
      )
    },
  }
}
