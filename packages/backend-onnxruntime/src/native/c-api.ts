import { createRequire } from 'node:module'
import type Koffi from 'koffi'
import type { LibraryHandle } from 'koffi'
import { onnxRuntimeVersion } from './binding.js'
import { functionPlaces } from './c-functions.js'
import { refuseTelemetry } from './telemetry.js'

/** An address in native memory; 0 is none. */
export type Address = bigint

/** What a function gets: addresses, numbers, texts, and typed arrays by the address of their first element. */
export type Argument = Address | number | string | NodeJS.TypedArray | null

type CType = 'void *' | 'const char *' | 'int' | 'size_t'
type Function = keyof typeof functionPlaces

/** The newest table of functions of the version that is expected. */
const apiVersion = Number(onnxRuntimeVersion.split('.')[1])

/** Arguments of the functions that return a status. */
const signatures = {
  CreateEnv: ['int', 'const char *', 'void *'],
  CreateSessionFromArray: ['void *', 'void *', 'size_t', 'void *', 'void *'],
  Run: ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *'],
  CreateSessionOptions: ['void *'],
  SetOptimizedModelFilePath: ['void *', 'const char *'],
  EnableProfiling: ['void *', 'const char *'],
  SetSessionLogSeverityLevel: ['void *', 'int'],
  SetSessionGraphOptimizationLevel: ['void *', 'int'],
  SetIntraOpNumThreads: ['void *', 'int'],
  SetInterOpNumThreads: ['void *', 'int'],
  CreateRunOptions: ['void *'],
  CreateTensorWithDataAsOrtValue: ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *'],
  CreateMemoryInfo: ['const char *', 'int', 'int', 'int', 'void *'],
  CreateCpuMemoryInfo: ['int', 'int', 'void *'],
  AllocatorFree: ['void *', 'void *'],
  GetAllocatorWithDefaultOptions: ['void *'],
  SessionEndProfiling: ['void *', 'void *', 'void *'],
  AddSessionConfigEntry: ['void *', 'const char *', 'const char *'],
  CreateAndRegisterAllocator: ['void *', 'void *', 'void *'],
  CreateArenaCfgV2: ['void *', 'void *', 'size_t', 'void *'],
  AddRunConfigEntry: ['void *', 'const char *', 'const char *'],
  SessionOptionsAppendExecutionProvider_CUDA_V2: ['void *', 'void *'],
  CreateCUDAProviderOptions: ['void *'],
  UpdateCUDAProviderOptions: ['void *', 'void *', 'void *', 'size_t'],
} satisfies Partial<Record<Function, readonly CType[]>>

type StatusFunction = keyof typeof signatures
type ReleaseFunction = Extract<Function, `Release${string}`>

/**
 * ONNX Runtime's C functions, called without compiled code of our own. A wrong place in the table would end the
 * process, so the version is compared before any of them is called.
 */
export class CApi {
  private readonly functions = new Map<StatusFunction, (...args: Argument[]) => Address | null>()
  private readonly result = new BigUint64Array(1)
  /** What `OrtGetApiBase` gives. */
  readonly base: Address
  private readonly message: (status: Address) => string
  private readonly releases: Record<ReleaseFunction, (object: Address) => void>

  /** @throws {Error} when koffi or the library does not load here, or is of another version. */
  constructor(readonly library: string) {
    refuseTelemetry()
    const koffi = loadKoffi()
    this.base = openLibrary(library).func('OrtGetApiBase', 'void *', [])()
    const base = koffi.decode(this.base, koffi.array('void *', 2)) as [Address, Address]
    const version: string = koffi.decode(base[1], koffi.proto('const char *', []))()
    if (version !== onnxRuntimeVersion) {
      throw new Error(`${library}: expected ONNX Runtime ${onnxRuntimeVersion}, got ${version}`)
    }
    const api: Address | null = koffi.decode(base[0], koffi.proto('void *', ['uint32_t']))(apiVersion)
    if (!api) throw new Error(`${library}: expected C API ${apiVersion}, got none`)
    const length = Math.max(...Object.values(functionPlaces)) + 1
    const table = koffi.decode(api, koffi.array('void *', length)) as Address[]
    const bind = (name: Function, result: string, args: readonly CType[]) =>
      koffi.decode(table[functionPlaces[name]], koffi.proto(result, [...args]))
    for (const [name, args] of Object.entries(signatures)) {
      this.functions.set(name as StatusFunction, bind(name as StatusFunction, 'void *', args))
    }
    this.message = bind('GetErrorMessage', 'const char *', ['void *'])
    const releases = Object.keys(functionPlaces).filter((name) =>
      name.startsWith('Release'),
    ) as ReleaseFunction[]
    this.releases = Object.fromEntries(
      releases.map((name) => [name, bind(name, 'void', ['void *'])]),
    ) as typeof this.releases
  }

  /** @throws {Error} with ONNX Runtime's message. */
  call(name: StatusFunction, ...args: Argument[]): void {
    this.succeed(this.functions.get(name)!(...args))
  }

  /** @throws {Error} with ONNX Runtime's message, if there is a status. */
  succeed(status: Address | null): void {
    if (!status) return
    const message = this.message(status)
    this.releases.ReleaseStatus(status)
    throw new Error(message)
  }

  /** `call` of a function whose last argument is where it writes the address of what it made. */
  create(name: StatusFunction, ...args: Argument[]): Address {
    this.call(name, ...args, this.result)
    return this.result[0]!
  }

  release(name: ReleaseFunction, object: Address): void {
    this.releases[name](object)
  }
}

/** Graphs of long chains are walked by recursion; functions run on a stack of koffi's own. */
const stackBytes = 16 * 2 ** 20

let koffi: typeof Koffi | undefined

/** Libraries are unloaded when nothing refers to them any more, and their functions with them. */
const libraries: LibraryHandle[] = []

/** @param global whether libraries that are loaded later find its symbols */
export function openLibrary(path: string, { global = false } = {}): LibraryHandle {
  const library = loadKoffi().load(path, { global })
  libraries.push(library)
  return library
}

/** It is optional: there are platforms without a binary of it. */
export function loadKoffi(): typeof Koffi {
  if (koffi === undefined) {
    const loaded: typeof Koffi = createRequire(import.meta.url)('koffi')
    // Whoever uses koffi, too, may have made calls already; then its stack stays as it is.
    if ((loaded.config().sync_stack_size ?? 0) < stackBytes) loaded.config({ sync_stack_size: stackBytes })
    koffi = loaded
  }
  return koffi
}
