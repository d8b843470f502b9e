import { createRequire } from 'node:module'
import { installedPackage } from './installed-package.js'
import type {
  Model,
  NativeData,
  NativeSession,
  NativeTensor,
  NativeType,
  Runtime,
  SessionOptions,
} from './session.js'
import { sessionConfig } from './session.js'
import { refuseTelemetry } from './telemetry.js'

/**
 * The only file that touches what onnxruntime-node does not document: the synchronous session of its native module.
 * The public `run` is a promise around exactly this call, and TensorFlow.js needs `dataSync` to be synchronous.
 * The dependency is pinned to one version and the shape of the module is checked before the first use.
 */

interface BoundTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: NativeData
}

interface BoundSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void
  run(feeds: Record<string, BoundTensor>, fetches: Record<string, BoundTensor>): Record<string, BoundTensor>
  dispose(): void
  endProfiling(): void
}

interface Binding {
  Session: new () => BoundSession
  Tensor: new (type: NativeType, data: NativeData, dims: readonly number[]) => BoundTensor
}

/** The version of ONNX Runtime that this package was written and tested for. */
export const onnxRuntimeVersion = '1.30.0'

/**
 * ONNX Runtime through onnxruntime-node's own native module.
 *
 * @throws {Error} when it is missing, has no binary for this platform, or is of another shape.
 */
export function openBinding(): Runtime {
  refuseTelemetry()
  const binding = load(createRequire(import.meta.url))
  return {
    target: 'cpu',
    hasOperators: false,
    device: undefined,
    createSession: (model, options) => createSession(binding, model, options),
  }
}

function createSession(
  { Session, Tensor }: Binding,
  { bytes, inputs, outputs }: Model,
  { threads, profile }: SessionOptions,
): NativeSession {
  const session = new Session()
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
    extra: nested(sessionConfig),
    ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
  })
  const bind = (names: readonly string[], tensors: readonly NativeTensor[]) =>
    Object.fromEntries(
      tensors.map(({ type, shape, data }, i) => [names[i]!, new Tensor(type, data as NativeData, shape)]),
    )
  return {
    run: (feeds, fetches) => {
      session.run(bind(inputs, feeds), bind(outputs, fetches))
    },
    dispose: () => session.dispose(),
    endProfiling: () => session.endProfiling(),
  }
}

/** `{ session: { use_x: '1' } }` of `{ 'session.use_x': '1' }`. */
function nested(config: Record<string, string>): Record<string, Record<string, string>> {
  const groups: Record<string, Record<string, string>> = {}
  for (const [key, value] of Object.entries(config)) {
    const [group, name] = key.split('.') as [string, string]
    groups[group] = { ...groups[group], [name]: value }
  }
  return groups
}

/** @param require looks the package up that brings ONNX Runtime. */
export function load(require: NodeJS.Require): Binding {
  let binding: { InferenceSession?: unknown } | undefined
  let initOrt: unknown
  let Tensor: unknown
  const name = installedPackage(require)
  try {
    const version: unknown = require(`${name}/package.json`).version
    if (version !== onnxRuntimeVersion) {
      throw new Error(`expected version ${onnxRuntimeVersion}, got ${String(version)}`)
    }
    ;({ binding, initOrt } = require(`${name}/dist/binding.js`))
    ;({ Tensor } = require(name))
  } catch (error) {
    throw new Error(
      `${name} ${onnxRuntimeVersion} does not load on ${process.platform}-${process.arch}: ${firstLine(error)}`,
    )
  }
  const Session = binding?.InferenceSession
  if (!isSessionClass(Session) || typeof initOrt !== 'function' || typeof Tensor !== 'function') {
    throw new Error(
      `${name} ${onnxRuntimeVersion}: expected a session class with loadModel, run and dispose, got another shape`,
    )
  }
  initOrt()
  return { Session, Tensor: Tensor as Binding['Tensor'] }
}

function isSessionClass(value: unknown): value is Binding['Session'] {
  if (typeof value !== 'function') return false
  return ['loadModel', 'run', 'dispose', 'endProfiling'].every((name) => name in value.prototype)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
