import { openBinding } from './binding.js'
import { openCRuntime, openCudaRuntime, openRehearsal } from './c-runtime.js'
import type { Runtime } from './session.js'

export interface RuntimeOptions {
  device: 'cpu' | 'gpu'
  /** On a GPU: whether products may be rounded to the 10-bit mantissa of TensorFloat-32. */
  tf32: boolean
}

/** @throws {Error} when ONNX Runtime does not work here; on a GPU it says what is missing. */
export const openRuntime = ({ device, tf32 }: RuntimeOptions): Runtime =>
  device === 'cpu' ? cpuRuntime() : standIn() ? openRehearsal(standIn()) : openCudaRuntime({ tf32 })

/** A library in the place of NVIDIA's: what a GPU would do is done by processors, to try it without one. */
export const standIn = (): string | undefined => process.env.DLKIT_GPU_STAND_IN || undefined

let opened: Runtime | undefined

/** ONNX Runtime on the processors, opened once per thread. @throws {Error} when it does not work here. */
export function cpuRuntime(): Runtime {
  opened ??= openCpuRuntime()
  return opened
}

/**
 * By its C functions where that is possible, else by onnxruntime-node's native module. `DLKIT_ONNXRUNTIME` chooses:
 * `c`, `resident` (the C functions, with tensors outside of JavaScript), `rehearsal` (the same with the graphs that a
 * GPU would get) or `binding`.
 */
function openCpuRuntime(): Runtime {
  const way = process.env.DLKIT_ONNXRUNTIME
  if (way === 'binding') return openBinding()
  if (way === 'rehearsal') return openRehearsal(standIn())
  if (way === 'c' || way === 'resident') return openCRuntime({ resident: way === 'resident' })
  try {
    return openCRuntime()
  } catch (error) {
    // Operators that somebody asks for are not left out in silence.
    if (process.env.DLKIT_NATIVE && process.env.DLKIT_NATIVE !== '0') throw error
    return openBinding()
  }
}
