/** Element types of graphs. */
export type NativeType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool'
export type NativeData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/** Memory of an accelerator, or of this process outside of JavaScript, for the elements of one tensor. */
export interface DeviceMemory {
  readonly type: NativeType
  /** Number of elements. */
  readonly length: number
  readonly byteLength: number
  /** 0 once it is freed. */
  readonly address: bigint
  /** Waits for what was queued before. */
  read(): NativeData
}

/** Where the elements of a tensor are. */
export type Memory = NativeData | DeviceMemory

export const isOnDevice = (memory: object): memory is DeviceMemory => 'address' in memory

export const isNativeData = (values: object): values is NativeData =>
  values instanceof Float32Array ||
  values instanceof Float64Array ||
  values instanceof Int32Array ||
  values instanceof Uint8Array ||
  values instanceof BigInt64Array

export function typeOf(memory: Memory): NativeType {
  if (isOnDevice(memory)) return memory.type
  if (memory instanceof Float32Array) return 'float32'
  if (memory instanceof Int32Array) return 'int32'
  if (memory instanceof Float64Array) return 'float64'
  return memory instanceof BigInt64Array ? 'int64' : 'bool'
}

export interface NativeTensor {
  readonly type: NativeType
  readonly shape: readonly number[]
  readonly data: Memory
}

export interface Model {
  /** An encoded `onnx.ModelProto`. */
  readonly bytes: Uint8Array
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export interface SessionOptions {
  threads: number
  /** Prefix of the file into which ONNX Runtime writes its profile. */
  profile?: string
  /** Whether the GPU takes runs by `prepare` down as a whole and repeats them by itself. */
  captured?: boolean
}

export interface PreparedRun {
  run(): void
  dispose(): void
}

export interface NativeSession {
  /** Runs on the calling thread, and writes into the memory of `outputs`. */
  run(inputs: readonly NativeTensor[], outputs: readonly NativeTensor[]): void
  /** A run of always the same memory, on a device. @param id tells it from other runs of the session, from 1 on */
  prepare?(inputs: readonly NativeTensor[], outputs: readonly NativeTensor[], id: number): PreparedRun
  dispose(): void
  endProfiling(): void
}

/** Moves elements between this process and a device; everything happens in the order of the calls. */
export interface Device {
  readonly name: string
  /** @throws {Error} when there is no memory left. */
  allocate(type: NativeType, length: number): DeviceMemory
  free(memory: DeviceMemory): void
  write(values: NativeData, to: DeviceMemory): void
  /** In bytes, of the whole device. */
  memory(): { available: number; total: number }
  /** What a failure of a graph means; the error itself where it is none of the device's. */
  explain(error: unknown): unknown
  copy(from: DeviceMemory, to: DeviceMemory): void
}

/** ONNX Runtime, by one of the ways in which Node.js can call it. */
export interface Runtime {
  readonly target: 'cpu' | 'cuda'
  /** Whether graphs may have the operators of `@dlkit/native`, which run on processors. */
  readonly hasOperators: boolean
  createSession(model: Model, options: SessionOptions): NativeSession
  /** Where tensors stay between graphs; none: in typed arrays. */
  readonly device: Device | undefined
}

export const bytesPerElement: Record<NativeType, number> = {
  float32: 4,
  float64: 8,
  int32: 4,
  int64: 8,
  bool: 1,
}

/** Typed arrays for elements of each type. */
export function newArray(type: NativeType, length: number): NativeData {
  if (type === 'float32') return new Float32Array(length)
  if (type === 'int32') return new Int32Array(length)
  if (type === 'float64') return new Float64Array(length)
  return type === 'int64' ? new BigInt64Array(length) : new Uint8Array(length)
}

const harmfulOptimizers = [
  // It takes zeros around a picture for the padding of the max pooling that follows, which is minus infinity.
  'Pad_Fusion',
  // Both turn transposes of merged axes into transposes of all axes, which take up to ten times as long.
  'TransposeOptimizer',
  'TransposeOptimizer_CPUExecutionProvider',
]

/** Settings of every session, by the names of ONNX Runtime's session options. */
export const sessionConfig = {
  // Else its threads wait at full speed for the next graph, and take the cores from the program and its workers.
  'session.force_spinning_stop': '1',
  'optimization.disable_specified_optimizers': harmfulOptimizers.join(';'),
}
