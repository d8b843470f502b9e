import {
  getKernelsForBackend,
  type KernelConfig,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from './backend.js'
import type { LazyKernels } from './kernels/lazy-kernel.js'

/** Registers every kernel that TensorFlow.js has for its CPU backend; those in `lazy` are recorded when possible. */
export function registerKernels(backendName: string, lazy: LazyKernels): void {
  for (const config of getKernelsForBackend('cpu')) {
    registerKernel({ ...withFallback(config, lazy), backendName })
  }
}

function withFallback({ kernelName, kernelFunc }: KernelConfig, lazy: LazyKernels) {
  const record = lazy[kernelName]
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
