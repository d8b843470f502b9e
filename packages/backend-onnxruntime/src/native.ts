import { createRequire } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/**
 * The only file that touches what onnxruntime-node does not document: the synchronous session of its native module.
 * The public `run` is a promise around exactly this call, and TensorFlow.js needs `dataSync` to be synchronous.
 * The dependency is pinned to one version and the shape of the module is checked before the first use.
 */

export type NativeType = 'float32' | 'int32' | 'int64' | 'bool'
export type NativeData = Float32Array | Int32Array | BigInt64Array | Uint8Array

export interface NativeTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: NativeData
}

export interface NativeSession {
  /** Runs on the calling thread. A `null` in `fetches` lets the runtime allocate that output. */
  run(
    feeds: Record<string, NativeTensor>,
    fetches: Record<string, NativeTensor | null>,
  ): Record<string, NativeTensor>
  dispose(): void
  endProfiling(): void
}

export interface SessionOptions {
  threads: number
  /** Prefix of the file into which ONNX Runtime writes its profile. */
  profile?: string
}

interface RawSession extends NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void
}

interface Native {
  Session: new () => RawSession
  Tensor: new (type: NativeType, data: NativeData, dims: readonly number[]) => NativeTensor
}

/** The version of onnxruntime-node that this package was written and tested for. */
export const onnxRuntimeVersion = '1.30.0'

let native: Native | undefined

/**
 * Loads the native module, once per thread.
 *
 * @throws {Error} when onnxruntime-node is missing, has no binary for this platform, or is of another shape.
 */
function loadNative(): Native {
  if (native === undefined) {
    refuseTelemetry()
    native = load(createRequire(import.meta.url))
  }
  return native
}

export function makeNativeTensor(type: NativeType, data: NativeData, dims: readonly number[]): NativeTensor {
  return new (loadNative().Tensor)(type, data, dims)
}

const harmfulOptimizers = [
  // It takes zeros around a picture for the padding of the max pooling that follows, which is minus infinity.
  'Pad_Fusion',
  // Both turn transposes of merged axes into transposes of all axes, which take up to ten times as long.
  'TransposeOptimizer',
  'TransposeOptimizer_CPUExecutionProvider',
]

export function createSession(model: Uint8Array, options: SessionOptions): NativeSession {
  const session = new (loadNative().Session)()
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
    extra: {
      // Else its threads wait at full speed for the next graph, and take the cores from the program and its workers.
      session: { force_spinning_stop: '1' },
      optimization: { disable_specified_optimizers: harmfulOptimizers.join(';') },
    },
    ...(options.profile && { enableProfiling: true, profileFilePrefix: options.profile }),
  })
  return session
}

/**
 * Since version 1.29 the published binaries for Linux and macOS report their use to Microsoft and keep a device id in
 * the user's cache folder, unless this variable is set when the runtime starts. Whoever wants that sets it to 0.
 */
function refuseTelemetry(): void {
  if (process.env.ORT_DISABLE_TELEMETRY !== undefined) return
  process.env.ORT_DISABLE_TELEMETRY = '1'
  if (isMainThread || process.platform === 'win32') return
  // What a worker thread sets is not seen outside of JavaScript.
  process.emitWarning(
    'ONNX Runtime starts in a worker thread, where its telemetry cannot be switched off. Call useOnnxRuntime() in the ' +
      'main thread first, or set ORT_DISABLE_TELEMETRY=1 for the process.',
  )
}

/** @param require looks onnxruntime-node up. */
export function load(require: NodeJS.Require): Native {
  let binding: { InferenceSession?: unknown } | undefined
  let initOrt: unknown
  let Tensor: unknown
  try {
    const version: unknown = require('onnxruntime-node/package.json').version
    if (version !== onnxRuntimeVersion) {
      throw new Error(`expected version ${onnxRuntimeVersion}, got ${String(version)}`)
    }
    ;({ binding, initOrt } = require('onnxruntime-node/dist/binding.js'))
    ;({ Tensor } = require('onnxruntime-node'))
  } catch (error) {
    throw new Error(
      `onnxruntime-node ${onnxRuntimeVersion} does not load on ${process.platform}-${process.arch}: ${firstLine(error)}`,
    )
  }
  const Session = binding?.InferenceSession
  if (!isSessionClass(Session) || typeof initOrt !== 'function' || typeof Tensor !== 'function') {
    throw new Error(
      `onnxruntime-node ${onnxRuntimeVersion}: expected a session class with loadModel, run and dispose, got another shape`,
    )
  }
  initOrt()
  return { Session, Tensor: Tensor as Native['Tensor'] }
}

function isSessionClass(value: unknown): value is Native['Session'] {
  if (typeof value !== 'function') return false
  return ['loadModel', 'run', 'dispose', 'endProfiling'].every((name) => name in value.prototype)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
