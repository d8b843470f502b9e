import type { EngineCandidate } from './engine.js'
import { cpuEngine } from './engines/cpu.js'
import { tfjsNodeEngine } from './engines/tfjs-node.js'
import { tfjsNodeGpuEngine } from './engines/tfjs-node-gpu.js'
import { wasmEngine } from './engines/wasm.js'

/** Fastest first. */
export const candidates: readonly EngineCandidate[] = [
  tfjsNodeGpuEngine,
  tfjsNodeEngine,
  wasmEngine,
  cpuEngine,
]
