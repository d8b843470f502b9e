import { correctCpuKernels } from '../cpu-corrections.js'
import { type EngineCandidate, firstLine } from '../engine.js'

const packageName = '@dlkit/backend-onnxruntime'

/** An optional dependency: npm leaves it out on a platform for which ONNX Runtime has no binary. */
export const loadOnnxRuntime = () => import('@dlkit/backend-onnxruntime')

/** Why the backend cannot be used, in one line. */
export function onnxRuntimeFailure(error: unknown): string {
  const message = firstLine(error)
  const missing = (error as { code?: unknown } | undefined)?.code === 'ERR_MODULE_NOT_FOUND'
  return missing && message.includes(`'${packageName}'`)
    ? `not installed: npm left ${packageName} out on ${process.platform}-${process.arch}`
    : message
}

export const onnxRuntimeEngine: EngineCandidate = {
  name: 'onnxruntime',
  device: 'cpu',
  summary: 'ONNX Runtime on the processor, whole training steps at a time',
  unavailable: () => undefined,
  async activate(options) {
    // What the backend does not cover runs in the kernels of the cpu backend.
    correctCpuKernels()
    try {
      const { useOnnxRuntime } = await loadOnnxRuntime()
      return await useOnnxRuntime(options)
    } catch (error) {
      throw new Error(onnxRuntimeFailure(error), { cause: error })
    }
  },
}
