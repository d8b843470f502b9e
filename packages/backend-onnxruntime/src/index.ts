export {
  flush,
  type OnnxRuntimeOptions,
  onnxruntimeStats,
  registerOnnxRuntimeBackend,
  resetOnnxruntimeStats,
  useOnnxRuntime,
} from './register.js'
export type { OnnxRuntimeStats } from './stats.js'
