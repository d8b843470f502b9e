export { ExportError } from './export/export-error.js'
export { type ExportOnnxOptions, exportOnnx } from './export/export-onnx.js'
export type { OnnxInput, OnnxInputs, TensorFunction } from './export/export-source.js'
export { examineGpu, type GpuReport } from './gpu-report.js'
export type { CudaFile } from './native/cuda-libraries.js'
export { DeviceLostError, DeviceMemoryError, type DeviceRoom } from './native/device-error.js'
export type { GpuDriver } from './native/gpu-driver.js'
export {
  flush,
  type OnnxRuntimeOptions,
  onnxruntimeStats,
  registerOnnxRuntimeBackend,
  resetOnnxruntimeStats,
  useOnnxRuntime,
} from './register.js'
export type { OnnxRuntimeStats } from './stats.js'
export { type CompiledStep, type CompileStepOptions, compileStep } from './step/compile-step.js'
export { type StepTime, timeSteps } from './step-time.js'
