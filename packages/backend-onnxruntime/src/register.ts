import { correctTensorFlow } from '@dlkit/corrections'
import {
  engine,
  getBackend,
  getKernelsForBackend,
  ready,
  registerBackend,
  setBackend,
} from '@tensorflow/tfjs-core'
import { registerAdam } from './adam.js'
import { OnnxRuntimeBackend } from './backend.js'
import { currentBackend, registered } from './current-backend.js'
import type { ReplayModels } from './fit/known-parts.js'
import { replayModels } from './fit/replayed-fit.js'
import { registerGradients } from './gradients.js'
import type { RunOptions } from './graph-runner.js'
import { allKernels } from './kernels/all-kernels.js'
import { registerOwnKernels } from './kernels/own-kernels.js'
import { onnxRuntimeVersion } from './native/binding.js'
import { openRuntime } from './native/runtime.js'
import { registerKernels } from './register-kernels.js'
import { selfTest } from './self-test.js'
import type { OnnxRuntimeStats } from './stats.js'
import { compileStep } from './step/compile-step.js'
import { physicalCores } from './threads.js'

/** Options of `useOnnxRuntime`. */
export interface OnnxRuntimeOptions {
  /** Threads of each graph. Default: the number of physical cores. */
  threads?: number
  /** Most compiled graphs kept, and most bytes of their encoded form. Default: 64 graphs, 64 MB. */
  cache?: { count?: number; bytes?: number }
  /** Prefix of the files into which ONNX Runtime writes its profiles, one per graph. Default: none. */
  profile?: string
  /**
   * Which steps of `fit`, `trainOnBatch`, `evaluate` and `predict` are done without their program once they were recorded:
   * those of models made of `known` parts, `all`, or `none`. Default: known.
   */
  replay?: ReplayModels
  /** Where graphs run: on the processors, or on an NVIDIA GPU, where tensors stay. Default: cpu. */
  device?: DeviceName
  /**
   * On a GPU: whether products may be rounded to the 10-bit mantissa of TensorFloat-32, several times as fast. It is
   * chosen once, when the backend is registered. Default: true.
   */
  tf32?: boolean
}

const names = { cpu: 'onnxruntime', gpu: 'onnxruntime-cuda' } as const

type DeviceName = keyof typeof names

const defaults = (): RunOptions => ({
  threads: physicalCores(),
  cache: { count: 64, bytes: 64 * 2 ** 20 },
})

let replayed: ReplayModels = 'known'

/** Options of the backends that are registered. */
const options = new Map<DeviceName, RunOptions>()

/**
 * Registers the backend `onnxruntime`, or `onnxruntime-cuda` for a GPU, with TensorFlow.js. Doing it again changes the
 * options that are given; graphs that were compiled with other options are dropped.
 *
 * @throws {RangeError} when an option is out of range.
 * @throws {Error} when ONNX Runtime does not work here; nothing is registered then.
 */
export function registerOnnxRuntimeBackend(changes: OnnxRuntimeOptions = {}): void {
  const { device = 'cpu', threads, cache, profile, tf32 = true, replay } = changes
  const before = options.get(device) ?? defaults()
  const next: RunOptions = {
    ...before,
    ...(threads !== undefined && { threads }),
    cache: { ...before.cache, ...cache },
    ...(profile !== undefined && { profile }),
  }
  if (!(device in names)) {
    throw new RangeError(
      `registerOnnxRuntimeBackend: expected device to be cpu or gpu, got ${device}. Leave it out for cpu.`,
    )
  }
  if (replay !== undefined && !['known', 'all', 'none'].includes(replay)) {
    throw new RangeError(
      `registerOnnxRuntimeBackend: expected replay to be known, all or none, got ${replay}. Leave it out for known.`,
    )
  }
  if (replay !== undefined) replayed = replay
  requirePositiveInteger('threads', next.threads)
  requirePositiveInteger('cache.count', next.cache.count)
  requirePositiveInteger('cache.bytes', next.cache.bytes)
  const name = names[device]
  if (engine().findBackendFactory(name) !== null) {
    options.set(device, next)
    registered(name)?.configure(next)
    for (const backend of Object.values(names).map(registered)) if (backend) backend.replay = replayed
    return
  }
  const runtime = openRuntime({ device, tf32 })
  selfTest(runtime)
  options.set(device, next)
  correctTensorFlow()
  registerBackend(
    name,
    () =>
      Object.assign(new OnnxRuntimeBackend(runtime, options.get(device)!), { replay: replayed, compileStep }),
    4,
  )
  replayModels(currentBackend)
  if (getKernelsForBackend(name).length > 0) return
  registerGradients()
  registerAdam(name)
  registerOwnKernels(name)
  registerKernels(name, allKernels)
}

/**
 * Registers the backend and makes it the current one.
 *
 * @returns the version of ONNX Runtime.
 */
export async function useOnnxRuntime(changes: OnnxRuntimeOptions = {}): Promise<{ version: string }> {
  registerOnnxRuntimeBackend(changes)
  await setBackend(names[changes.device ?? 'cpu'])
  await ready()
  return { version: onnxRuntimeVersion }
}

/**
 * Runs what has been recorded. Reading a tensor does it too; this is for measuring, and for loops that never read.
 */
export function flush(): void {
  for (const name of Object.values(names)) registered(name)?.flush()
}

/** What the backend in use did so far. @throws {Error} when it is not one of this package. */
export function onnxruntimeStats(): OnnxRuntimeStats {
  return required().snapshot()
}

/** Starts the counters of `onnxruntimeStats` again at zero. */
export function resetOnnxruntimeStats(): void {
  required().stats.reset()
}

function required(): OnnxRuntimeBackend {
  const backend = registered(getBackend()) ?? registered(names.cpu)
  if (backend === undefined) {
    throw new Error(
      `onnxruntimeStats: expected the backend "${names.cpu}" to be in use, got "${getBackend()}". Call useOnnxRuntime() first.`,
    )
  }
  return backend
}

function requirePositiveInteger(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new RangeError(
    `registerOnnxRuntimeBackend: expected ${name} to be a positive integer, got ${value}. Leave it out for the default.`,
  )
}
