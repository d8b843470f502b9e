import {
  engine,
  findBackend,
  getBackend,
  getKernelsForBackend,
  ready,
  registerBackend,
  setBackend,
} from '@tensorflow/tfjs-core'
import { registerAdam } from './adam.js'
import { OnnxRuntimeBackend } from './backend.js'
import { registerGradients } from './gradients.js'
import type { RunOptions } from './graph-runner.js'
import { allKernels } from './kernels/all-kernels.js'
import { onnxRuntimeVersion } from './native.js'
import { registerKernels } from './register-kernels.js'
import { selfTest } from './self-test.js'
import type { OnnxRuntimeStats } from './stats.js'
import { physicalCores } from './threads.js'

export interface OnnxRuntimeOptions {
  /** Threads of each graph. Default: the number of physical cores. */
  threads?: number
  /** Most compiled graphs kept, and most bytes of their encoded form. Default: 64 graphs, 64 MB. */
  cache?: { count?: number; bytes?: number }
  /** Prefix of the files into which ONNX Runtime writes its profiles, one per graph. Default: none. */
  profile?: string
}

const backendName = 'onnxruntime'

let options: RunOptions = { threads: physicalCores(), cache: { count: 64, bytes: 64 * 2 ** 20 } }

/**
 * Registers the backend `onnxruntime` with TensorFlow.js. Doing it again changes the options that are given; graphs
 * that were compiled with other options are dropped.
 *
 * @throws {RangeError} when an option is out of range.
 * @throws {Error} when ONNX Runtime does not work here; nothing is registered then.
 */
export function registerOnnxRuntimeBackend({ threads, cache, profile }: OnnxRuntimeOptions = {}): void {
  const next: RunOptions = {
    ...options,
    ...(threads !== undefined && { threads }),
    cache: { ...options.cache, ...cache },
    ...(profile !== undefined && { profile }),
  }
  requirePositiveInteger('threads', next.threads)
  requirePositiveInteger('cache.count', next.cache.count)
  requirePositiveInteger('cache.bytes', next.cache.bytes)
  selfTest()
  options = next
  if (engine().findBackendFactory(backendName) !== null) {
    registered()?.configure(options)
    return
  }
  registerBackend(backendName, () => new OnnxRuntimeBackend(options), 4)
  if (getKernelsForBackend(backendName).length > 0) return
  registerGradients()
  registerAdam(backendName)
  registerKernels(backendName, allKernels)
}

/**
 * Registers the backend and makes it the current one.
 *
 * @returns the version of ONNX Runtime.
 */
export async function useOnnxRuntime(changes: OnnxRuntimeOptions = {}): Promise<{ version: string }> {
  registerOnnxRuntimeBackend(changes)
  await setBackend(backendName)
  await ready()
  return { version: onnxRuntimeVersion }
}

/**
 * Runs what has been recorded. Reading a tensor does it too; this is for measuring, and for loops that never read.
 */
export function flush(): void {
  registered()?.flush()
}

/** What the backend did so far. @throws {Error} when the backend is not in use. */
export function onnxruntimeStats(): OnnxRuntimeStats {
  return required().snapshot()
}

/** Starts the counters of `onnxruntimeStats` again at zero. */
export function resetOnnxruntimeStats(): void {
  required().stats.reset()
}

function required(): OnnxRuntimeBackend {
  const backend = registered()
  if (backend === undefined) {
    throw new Error(
      `onnxruntimeStats: expected the backend "${backendName}" to be in use, got "${getBackend()}". Call useOnnxRuntime() first.`,
    )
  }
  return backend
}

function registered(): OnnxRuntimeBackend | undefined {
  const backend = findBackend(backendName)
  return backend instanceof OnnxRuntimeBackend ? backend : undefined
}

function requirePositiveInteger(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new RangeError(
    `registerOnnxRuntimeBackend: expected ${name} to be a positive integer, got ${value}. Leave it out for the default.`,
  )
}
