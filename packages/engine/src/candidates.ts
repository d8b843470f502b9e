import type { EngineCandidate } from './engine.js'
import { cpuEngine } from './engines/cpu.js'
import { onnxRuntimeEngine } from './engines/onnxruntime.js'
import { onnxRuntimeCudaEngine } from './engines/onnxruntime-cuda.js'
import { tfjsNodeEngine } from './engines/tfjs-node.js'
import { tfjsNodeGpuEngine } from './engines/tfjs-node-gpu.js'
import { wasmEngine } from './engines/wasm.js'

/**
 * The first one that works is taken. A GPU comes before every processor, and CUDA 13 before the CUDA 11.2 of
 * `tfjs-node-gpu`. `onnxruntime` comes before `tfjs-node`: it
 * needs neither an install script nor an old Node, and it is the engine that this repository is tested on.
 */
export const candidates: readonly EngineCandidate[] = [
  onnxRuntimeCudaEngine,
  tfjsNodeGpuEngine,
  onnxRuntimeEngine,
  tfjsNodeEngine,
  wasmEngine,
  cpuEngine,
]
