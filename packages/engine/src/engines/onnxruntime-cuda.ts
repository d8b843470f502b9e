import { correctCpuKernels } from '../cpu-corrections.js'
import type { EngineCandidate } from '../engine.js'
import { loadOnnxRuntime, onnxRuntimeFailure } from './onnxruntime.js'

export const onnxRuntimeCudaEngine: EngineCandidate = {
  name: 'onnxruntime-cuda',
  device: 'gpu',
  summary: 'ONNX Runtime on an NVIDIA GPU, where tensors stay',
  unavailable: () =>
    process.platform === 'linux' && process.arch === 'x64'
      ? undefined
      : `needs Linux on x64, this is ${process.platform} on ${process.arch}`,
  async activate(options) {
    correctCpuKernels()
    try {
      const { useOnnxRuntime } = await loadOnnxRuntime()
      return await useOnnxRuntime({ ...options, device: 'gpu' })
    } catch (error) {
      throw new Error(onnxRuntimeFailure(error), { cause: error })
    }
  },
}
