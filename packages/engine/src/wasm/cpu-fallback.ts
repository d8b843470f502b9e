import '@tensorflow/tfjs-backend-cpu'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import type { NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { Kernel } from './kernel-tools.js'

/** A wasm kernel that copies its inputs to the cpu backend, runs the kernel there, and copies the results back. */
export function onCpu(name: string): Kernel {
  return ({ backend, inputs, attrs }) => {
    const cpu = tf.findBackend('cpu') as MathBackendCPU
    const copied = (info: TensorInfo | undefined) =>
      info && cpu.makeTensorInfo(info.shape, info.dtype, backend.readSync(info.dataId) as tf.TypedArray)
    // Kernels with any number of inputs, like Einsum, get them as an array.
    const copies = (
      Array.isArray(inputs)
        ? inputs.map(copied)
        : Object.fromEntries(Object.entries(inputs).map(([key, info]) => [key, copied(info)]))
    ) as NamedTensorInfoMap
    const outputs = tf.getKernel(name, 'cpu').kernelFunc({ backend: cpu, inputs: copies, attrs })
    const results = [outputs].flat().map((info: TensorInfo) => {
      const values = cpu.readSync(info.dataId) as tf.TypedArray
      return backend.makeOutput(info.shape, info.dtype, undefined, values)
    })
    for (const info of [outputs, Object.values(copies)].flat()) {
      if (info !== undefined) cpu.disposeData(info.dataId)
    }
    return Array.isArray(outputs) ? results : (results[0] as TensorInfo)
  }
}
