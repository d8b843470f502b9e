import '@tensorflow/tfjs-backend-cpu'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type { KernelBackend, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** What tfjs hands to a kernel. */
export interface KernelCall<Backend extends KernelBackend = KernelBackend> {
  backend: Backend
  inputs: NamedTensorInfoMap
  attrs: NamedAttrMap
}

export type Kernel<Backend extends KernelBackend = KernelBackend> = (
  call: KernelCall<Backend>,
) => TensorInfo | TensorInfo[]

/** Kernels of ragged tensors get lists of tensors. */
type Input = TensorInfo | TensorInfo[] | undefined

/** A kernel that copies its inputs to the cpu backend, runs the kernel there, and copies the results back. */
export function onCpu(name: string): Kernel {
  return ({ backend, inputs, attrs }) => {
    const cpu = tf.findBackend('cpu') as MathBackendCPU
    const copied = (info: Input): Input => {
      if (info === undefined) return undefined
      if (Array.isArray(info)) return info.map((one) => copied(one) as TensorInfo)
      return cpu.makeTensorInfo(info.shape, info.dtype, backend.readSync(info.dataId) as tf.TypedArray)
    }
    // Kernels with any number of inputs, like Einsum, get them as an array.
    const copies = (
      Array.isArray(inputs)
        ? inputs.map(copied)
        : Object.fromEntries(Object.entries(inputs).map(([key, info]) => [key, copied(info)]))
    ) as NamedTensorInfoMap
    const outputs = tf.getKernel(name, 'cpu').kernelFunc({ backend: cpu, inputs: copies, attrs })
    const results = [outputs].flat().map(({ dataId, shape, dtype }: TensorInfo) => ({
      dataId: backend.write(cpu.readSync(dataId), shape, dtype),
      shape,
      dtype,
    }))
    for (const info of [outputs, Object.values(copies)].flat(2)) {
      if (info !== undefined) cpu.disposeData(info.dataId)
    }
    return Array.isArray(outputs) ? results : results[0]!
  }
}

/** Whether a tensor without elements is among the inputs. */
export const takesNothing = ({ inputs }: Pick<KernelCall, 'inputs'>): boolean =>
  Object.values(inputs)
    .flat()
    .some((info) => info?.shape.includes(0) ?? false)

/** Calls for which the condition holds go to the cpu kernel, where there is one. */
export function onCpuWhen<Backend extends KernelBackend>(
  name: string,
  condition: (call: KernelCall<Backend>) => boolean,
): (original: Kernel<Backend>) => Kernel<Backend> {
  if (!tf.getKernel(name, 'cpu')) return (original) => original
  const cpu = onCpu(name)
  return (original) => (call) => (condition(call) ? cpu(call) : original(call))
}
