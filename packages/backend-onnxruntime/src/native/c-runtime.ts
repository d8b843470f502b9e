import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, CApi, loadKoffi, openLibrary } from './c-api.js'
import { type CEnvironment, CSession } from './c-session.js'
import { CudaDevice } from './cuda-device.js'
import { findCuda } from './cuda-libraries.js'
import { HostDevice } from './host-memory.js'
import { installedFolder } from './installed-package.js'
import { openGpuOperators, openOperators } from './operators.js'
import type { Device, Runtime } from './session.js'
import { shareArena, shrinkingRun } from './shared-arena.js'

/** Errors are thrown, with the same text. */
const logFatal = 4
const deviceAllocator = 0
const defaultMemory = 0

export interface CudaSettings {
  /** Whether products may be rounded to the 10-bit mantissa of TensorFloat-32, as PyTorch's convolutions are. */
  tf32: boolean
}

/**
 * ONNX Runtime through its C functions, from the library that onnxruntime-node installs.
 *
 * @param resident whether tensors stay outside of JavaScript until they are read, as on an accelerator
 * @throws {Error} when koffi or the library does not load here.
 */
export function openCRuntime({ resident = false } = {}): Runtime {
  const api = new CApi(installedLibrary())
  const shared = { ...environment(api), operators: openOperators(api) }
  return runtime('cpu', shared, resident ? new HostDevice() : undefined)
}

/**
 * ONNX Runtime on a GPU: graphs run there, and their tensors stay there.
 *
 * @throws {Error} when something is missing; it says what.
 */
export function openCudaRuntime(settings: CudaSettings): Runtime {
  const { runtime: library, libraries } = findCuda()
  // Once they are there, the provider finds them by name.
  for (const path of Object.values(libraries)) openLibrary(path, { global: true })
  const device = new CudaDevice(libraries['libcudart.so.13'])
  const api = new CApi(library)
  const shared: CEnvironment = {
    ...environment(api),
    explain: (error) => device.explain(error),
    operators: openGpuOperators(api, settings),
    deviceMemory: api.create('CreateMemoryInfo', 'Cuda', deviceAllocator, 0, defaultMemory),
    useDevice: (sessionOptions, captured) => appendCuda(api, sessionOptions, settings, captured),
  }
  return runtime('cuda', shared, device)
}

/**
 * The graphs that a GPU would get, on processors.
 *
 * @param standIn path of a library in the place of NVIDIA's; without it graphs have ONNX Runtime's operators only
 */
export function openRehearsal(standIn: string | undefined): Runtime {
  const api = new CApi(installedLibrary())
  if (standIn !== undefined) openLibrary(standIn, { global: true })
  if (standIn === undefined) return runtime('cuda', environment(api), new HostDevice())
  const operators = openGpuOperators(api, { tf32: false, rehearsal: true })
  const device = new CudaDevice(standIn)
  const explain = (error: unknown) => device.explain(error)
  return runtime('cuda', { ...environment(api), operators, explain }, device)
}

const runtime = (target: Runtime['target'], shared: CEnvironment, device: Device | undefined): Runtime => ({
  target,
  device,
  hasOperators: shared.operators !== undefined,
  createSession: (model, options) => new CSession(shared, model, options),
})

function environment(api: CApi): CEnvironment {
  const hostMemory = api.create('CreateCpuMemoryInfo', deviceAllocator, defaultMemory)
  const environment = api.create('CreateEnv', logFatal, 'dlkit')
  shareArena(api, environment)
  return {
    api,
    environment,
    shrinking: shrinkingRun(api),
    hostMemory,
    deviceMemory: hostMemory,
  }
}

function appendCuda(api: CApi, sessionOptions: Address, { tf32 }: CudaSettings, captured: boolean): void {
  const options = api.create('CreateCUDAProviderOptions')
  try {
    const values = {
      device_id: '0',
      // The exhaustive search tries every algorithm for every shape at the first run.
      cudnn_conv_algo_search: 'HEURISTIC',
      use_tf32: tf32 ? '1' : '0',
      enable_cuda_graph: captured ? '1' : '0',
    }
    const texts = [Object.keys(values), Object.values(values)].map((list) =>
      list.map((text) => Buffer.from(`${text}\0`)),
    )
    const [keys, settings] = texts.map((list) =>
      BigUint64Array.from(list, (text) => loadKoffi().address(text)),
    )
    api.call('UpdateCUDAProviderOptions', options, keys!, settings!, keys!.length)
    api.call('SessionOptionsAppendExecutionProvider_CUDA_V2', sessionOptions, options)
    // The texts have to stay where they are until here.
    texts.length = 0
  } finally {
    api.release('ReleaseCUDAProviderOptions', options)
  }
}

function installedLibrary(): string {
  const folder = installedFolder()
  const name = readdirSync(folder).find((file) => /^(lib)?onnxruntime\.(so|dylib|dll|\d)/.test(file))
  if (name === undefined) throw new Error(`${folder}: expected ONNX Runtime's library, got none`)
  return join(folder, name)
}
