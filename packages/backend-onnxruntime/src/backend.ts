import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import { type backend_util, type DataType, engine, type TensorInfo, util } from '@tensorflow/tfjs-core'
import type { ReplayModels } from './fit/known-parts.js'
import { Builder } from './graph/builder.js'
import type { CompiledGraph } from './graph/compile.js'
import { permute } from './graph/layout.js'
import { LoopCutter } from './graph/repetition.js'
import type { Check } from './graph/trace.js'
import { type ElementType, type Lazy, sameShape, sizeOf, type Value } from './graph/types.js'
import { checksOf, GraphRunner, type RunOptions } from './graph-runner.js'
import { hostSlice } from './kernels/host-slice.js'
import { withLargest } from './largest-values.js'
import {
  type DeviceMemory,
  isNativeData,
  isOnDevice,
  type Memory,
  type NativeData,
  type Runtime,
} from './native/session.js'
import { StatsRecorder } from './stats.js'
import type { StepRecording } from './step/recording.js'
import { type Layout, TensorEntries, TensorEntry } from './tensor-entry.js'

/** Recorded operations, and bytes of input, at which the graph is cut wherever that is. */
const maximumTrace = 65_536
const maximumLeafBytes = 1 << 30

/**
 * A lazy TensorFlow.js backend: kernels record, and what was recorded runs as one graph when a value is read.
 */
export class OnnxRuntimeBackend extends MathBackendCPU {
  override readonly data: TensorEntries
  readonly stats = new StatsRecorder()
  /** Which steps of models are replayed. */
  replay: ReplayModels = 'known'
  builder: Builder
  readonly runner: GraphRunner
  private readonly pending = new Set<TensorEntry>()
  private readonly loops = new LoopCutter()
  /** The part of the program since a value was read or a step was cut off: where assignments are counted. */
  private stretch = {}
  /** Whether graphs of this stretch ran already. */
  private isCut = false
  private kernelDepth = 0
  protected readonly materialize: (read: TensorEntry) => void = (read) => {
    if (read.lazy !== undefined || read.ahead === this.stretch) this.run()
  }
  /** What was disposed of last, if nothing was made since. */
  private replaced: TensorEntry | undefined

  constructor(runtime: Runtime, options: RunOptions) {
    super()
    this.data = new TensorEntries(this, engine())
    this.runner = new GraphRunner(runtime, options, this.stats)
    this.builder = this.newBuilder()
  }

  /** Where tensors stay; none: in JavaScript. */
  get device() {
    return this.runner.runtime.device
  }

  /** Graphs that were compiled for another number of threads are dropped. */
  configure(options: RunOptions): void {
    if (this.runner.isFor(options)) return
    this.flush()
    this.runner.configure(options)
  }

  // Storage

  override write(values: backend_util.BackendValues, _shape: number[], dtype: DataType): object {
    const entry = this.kernelDepth > 0 ? this.holding(dtype, values) : this.copied(dtype, values)
    this.recording?.wrote(entry)
    return this.add(entry)
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const entry = this.copied(dtype, values)
    entry.refCount = refCount
    this.data.set(dataId, entry)
  }

  /** In an array of the reader's own: what was recorded on the values does not see what becomes of it. */
  override readSync(dataId: object): backend_util.BackendValues {
    const entry = this.entry(dataId)
    this.recording?.prevents('a value that is read')
    return entry.dtype === 'complex64' || entry.dtype === 'string' ? super.readSync(dataId) : entry.read()
  }

  /**
   * Outside of a kernel this is a variable taking a tensor as its new value, directly after it gave up the old one.
   */
  override incRef(dataId: object): void {
    super.incRef(dataId)
    if (this.kernelDepth > 0 || this.replaced === undefined) return
    this.entry(dataId).assigned(this.stretch, this.replaced)
    this.replaced = undefined
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.data.has(dataId) ? this.entry(dataId) : undefined
    this.replaced = entry
    const gone = super.disposeData(dataId, force)
    if (!gone || entry === undefined) return gone
    entry.gone = true
    for (const memory of entry.release()) this.runner.pool.give(memory)
    if (this.pending.delete(entry) && this.pending.size === 0) this.forget()
    return gone
  }

  /** Another tensor on the same values. */
  share(x: TensorInfo, shape: number[] = x.shape): TensorInfo {
    this.entry(x.dataId).refCount++
    return { dataId: x.dataId, shape, dtype: x.dtype }
  }

  // Recording

  /** The tensor as an operand of what is recorded next. */
  input(x: TensorInfo): Lazy {
    return this.builder.dense(this.operand(x))
  }

  /** `input` for what works element by element and can leave repeated elements out. */
  operand(x: TensorInfo): Lazy {
    const entry = this.entry(x.dataId)
    const lazy = entry.lazy ?? this.leafOf(entry, x)
    const shaped = sameShape(lazy.shape, x.shape) ? lazy : this.builder.reshape(lazy, x.shape)
    return this.builder.cast(shaped, elementType(x.dtype))
  }

  /** A tensor for a recorded result. */
  output(lazy: Lazy, dtype: DataType): TensorInfo {
    const entry = new TensorEntry(dtype, undefined, this.materialize)
    entry.lazy = this.builder.cast(lazy, elementType(dtype))
    this.pending.add(entry)
    return { dataId: this.add(entry), shape: [...lazy.shape], dtype }
  }

  /** A block of a tensor whose values are there, in their logical order; `undefined` for any other tensor. */
  sliceStored(x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo | undefined {
    const entry = this.entry(x.dataId)
    // Where a step is recorded for being replayed, a slice is a part of it.
    if (entry.lazy !== undefined || entry.onDevice() !== undefined || this.recording) return undefined
    entry.requireValues()
    const { data, layout } = entry.stored()
    if (layout !== null) return undefined
    const values = typed(data, elementType(x.dtype))
    const part = hostSlice(values, x.shape, begin, size) as backend_util.BackendValues
    return { dataId: this.add(this.holding(x.dtype, part)), shape: [...size], dtype: x.dtype }
  }

  /** The values if they are there already. */
  storedValues(x: TensorInfo): ArrayLike<number> | undefined {
    const entry = this.entry(x.dataId)
    if (entry.lazy !== undefined) return undefined
    entry.requireValues()
    const { data, layout } = entry.stored()
    const inPlace = entry.onDevice() === undefined && layout === null
    return (inPlace ? data : entry.read()) as unknown as ArrayLike<number>
  }

  /** Runs a kernel, lazily if that is possible. */
  kernel(
    name: string,
    inputs: readonly (TensorInfo | null | undefined)[],
    record: (() => TensorInfo | TensorInfo[] | undefined) | undefined,
    compute: () => TensorInfo | TensorInfo[],
  ): TensorInfo | TensorInfo[] {
    this.kernelDepth++
    try {
      if (record !== undefined && inputs.every(isSupported)) {
        this.cutIfDue(name, inputs)
        const recorded = record()
        if (recorded !== undefined) return recorded
      }
      // A kernel without inputs, such as Range, writes numbers and waits for none.
      if (inputs.length > 0) {
        this.stats.fallback(name)
        this.recording?.prevents(`${name}, which ONNX has no equal of`)
      }
      return compute()
    } finally {
      this.kernelDepth--
    }
  }

  /**
   * Runs everything that was recorded and is still held by a tensor.
   *
   * @throws the first error; what does not depend on the operation that failed is computed all the same.
   */
  flush(): void {
    this.recording?.prevents('a graph that ends within it')
    const entries = this.pendingResults().map(({ entry }) => entry)
    const error = this.runner.settle(this.builder.trace, entries)
    this.pending.clear()
    this.forget()
    if (error !== undefined) throw error
  }

  // Steps that are replayed

  /** The step that is being recorded. */
  recording: StepRecording | undefined

  /** Notes that the numbers of a tensor, made just now, are drawn anew in each step. Random layers call it. */
  drawsAgain({ dataId }: TensorInfo, draw: () => Float32Array): void {
    this.recording?.follow(this.entry(dataId), draw)
  }

  record<T>(recording: StepRecording, run: () => T): T {
    this.recording = recording
    try {
      return run()
    } finally {
      this.recording = undefined
    }
  }

  /** What was recorded and is still held, in the form in which a graph gives it. */
  pendingResults(): { entry: TensorEntry; lazy: Lazy }[] {
    for (const entry of this.pending) entry.lazy = this.builder.dense(entry.lazy!)
    return [...this.pending].map((entry) => ({ entry, lazy: entry.lazy! }))
  }

  pendingChecks(outputs: readonly Value[]): Check[] {
    return checksOf(this.builder.trace, outputs)
  }

  /** Runs what is recorded, if anything is. */
  settleRecorded(): void {
    if (this.builder.trace.size > 0) this.flush()
  }

  entryOf(x: TensorInfo): TensorEntry {
    return this.entry(x.dataId)
  }

  /** The memory of values in the form of a recorded tensor; `undefined` where they are in another one. */
  memoryOf(entry: TensorEntry, { value, perm }: Lazy): Memory | undefined {
    if (entry.lazy !== undefined) this.flush()
    entry.requireValues()
    let { data, layout } = this.stored(entry, value.type)
    if (perm === null && layout !== null) {
      entry.values = entry.read()
      ;({ data, layout } = this.stored(entry, value.type))
    }
    if (data.length !== sizeOf(value.shape)) return undefined
    const isAlike = layout === null ? perm === null : perm !== null && sameShape(layout.perm, perm)
    return isAlike ? data : undefined
  }

  /** Numbers in the memory that graphs read. */
  memoryFor(values: NativeData, type: ElementType): Memory {
    const { device } = this
    if (device === undefined) return values
    const memory = this.take(type, values.length)
    device.write(values, memory)
    return memory
  }

  /** A tensor for a result of a graph. */
  hold(memory: Memory, lazy: Lazy, dtype: DataType, shape: number[], owned: boolean): TensorInfo {
    const entry = new TensorEntry(dtype, undefined, this.materialize)
    entry.place(memory, lazy, owned)
    return { dataId: this.add(entry), shape, dtype }
  }

  /** Puts a result of a graph in place of the values of a tensor that nothing else shares. */
  replace(entry: TensorEntry, memory: Memory, lazy: Lazy, owned: boolean): void {
    for (const old of entry.release()) this.runner.pool.give(old)
    entry.place(memory, lazy, owned)
  }

  /** Notes that several tensors have their values in this memory, so that none of them gives it up. */
  keepMemory(memory: Memory): void {
    this.runner.pool.share(memory)
  }

  get runtime(): Runtime {
    return this.runner.runtime
  }

  /** Memory on the device for a result. */
  take(type: ElementType, length: number): DeviceMemory {
    return withLargest(this.builder.trace, () => this.runner.pool.take(type, length)) as DeviceMemory
  }

  /** Memory that was given up is free. */
  turn(): void {
    this.runner.pool.turn()
  }

  // What TensorFlow.js asks a backend

  override async time(run: () => void): Promise<{ kernelMs: number }> {
    this.flush()
    const start = performance.now()
    run()
    this.flush()
    return { kernelMs: performance.now() - start }
  }

  /** On a GPU with what is taken of its memory, by whomever: `numBytesInGPUAllocated` of `numBytesInGPUTotal`. */
  override memory() {
    const { device } = this
    const there = device?.memory()
    return {
      ...(there && {
        numBytesInGPUAllocated: there.total - there.available,
        numBytesInGPUTotal: there.total,
      }),
      unreliable: true,
      reasons: [
        'Bytes of tensors that were recorded and not yet computed are counted as if they existed, ' +
          'and the memory inside ONNX Runtime is not counted.',
      ],
    }
  }

  override dispose(): void {
    this.pending.clear()
    this.forget()
    this.runner.dispose()
  }

  snapshot() {
    return this.stats.snapshot(this.runner.cache.size, this.builder.trace.size)
  }

  graphs(): CompiledGraph[] {
    return this.runner.cache.graphs()
  }

  private forget(): void {
    this.runner.pool.turn()
    this.loops.begin()
    this.stretch = {}
    this.isCut = false
    if (this.builder.trace.size === 0) return
    this.builder.trace.end()
    this.builder = this.newBuilder()
  }

  /**
   * Ends the graph of a loop that never reads a value. Where the program multiplies with a variable that has been
   * updated twice, two steps are recorded and the next one begins; other loops are cut where they repeat themselves.
   */
  protected cutIfDue(name: string, inputs: readonly (TensorInfo | null | undefined)[]): void {
    if (this.recording !== undefined) return
    const { trace } = this.builder
    const limit = this.isCut ? 1 : contractions.has(name) ? 2 : 16
    if (inputs.some((x) => x && this.entry(x.dataId).assignments(this.stretch) >= limit)) this.run()
    else if (this.loops.isDue(trace) || trace.size >= maximumTrace || trace.leafBytes >= maximumLeafBytes)
      this.cut()
  }

  /** Runs what is there so far of a stretch that goes on. */
  private cut(): void {
    const { stretch } = this
    const entries = [...this.pending]
    this.run()
    this.stretch = stretch
    this.isCut = true
    for (const entry of entries) entry.ahead = stretch
  }

  /** A tensor that cannot be computed says so itself, where it is read. */
  private run(): void {
    try {
      this.flush()
    } catch {}
  }

  private leafOf(entry: TensorEntry, x: TensorInfo): Lazy {
    const { trace } = this.builder
    const type = elementType(x.dtype)
    const known = entry.leaf
    if (known?.trace === trace && known.lazy.value.type === type) return known.lazy
    entry.requireValues()
    const { data, layout } = this.stored(entry, type)
    const shape = layout?.shape ?? x.shape
    const size = sizeOf(shape)
    util.assert(data.length === size, () => `onnxruntime: expected ${size} values, got ${data.length}.`)
    const value = trace.leaf(type, shape, data)
    const lazy = layout
      ? { value, perm: layout.perm, shape: permute(layout.shape, layout.perm) }
      : this.builder.lazily(value)
    entry.leaf = { trace, lazy }
    this.recording?.leaves.push({ entry, lazy })
    return lazy
  }

  /** The values in the memory that graphs read. */
  private stored(entry: TensorEntry, type: ElementType): { data: Memory; layout: Layout | null } {
    const there = entry.onDevice()
    if (there?.data.type === type) return there
    const values = there === undefined ? entry.stored() : { data: entry.values, layout: null }
    const data = typed(values.data, type)
    const memory = this.memoryFor(data, type)
    if (there === undefined && isOnDevice(memory)) entry.copiedTo(memory)
    return { data: memory, layout: values.layout }
  }

  private newBuilder(): Builder {
    const { target, hasOperators } = this.runner.runtime
    return new Builder(this.runner.nextTrace(), target, hasOperators)
  }

  /** Values that nobody else writes to. */
  private holding(dtype: DataType, values: backend_util.BackendValues): TensorEntry {
    return new TensorEntry(dtype, values, this.materialize)
  }

  /** The values as they are now: a program may fill its array anew before what is recorded on it runs. */
  private copied(dtype: DataType, values: backend_util.BackendValues): TensorEntry {
    if (!isNativeData(values)) return this.holding(dtype, values)
    const { data, owned } = this.runner.pool.copy(values)
    // ONNX Runtime turns single bits of booleans, whose bytes have to be 0 or 1; masks of pictures hold 255.
    if (dtype === 'bool') for (let i = 0; i < data.length; i++) if (data[i]) data[i] = 1
    return new TensorEntry(dtype, data as backend_util.BackendValues, this.materialize, owned)
  }

  private add(entry: TensorEntry): object {
    this.replaced = undefined
    this.data.set(entry, entry)
    return entry
  }

  private entry(dataId: object): TensorEntry {
    return this.data.get(dataId)
  }
}

/** The kernels by which the weights of a network enter a step, unlike updates and moving averages. */
const contractions = new Set([
  'BatchMatMul',
  '_FusedMatMul',
  'Einsum',
  'Conv2D',
  'FusedConv2D',
  'Conv3D',
  'DepthwiseConv2dNative',
  'FusedDepthwiseConv2D',
  'Conv2DBackpropInput',
  'Conv3DBackpropInputV2',
  'GatherV2',
])

function isSupported(x: TensorInfo | null | undefined): boolean {
  if (!x) return true
  return (x.dtype === 'float32' || x.dtype === 'int32' || x.dtype === 'bool') && sizeOf(x.shape) > 0
}

export function elementType(dtype: DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype
  throw new TypeError(`onnxruntime: expected float32, int32 or bool, got ${dtype}.`)
}

/** CPU kernels leave plain arrays, and floats behind integer tensors. */
function typed(values: backend_util.BackendValues, type: ElementType): NativeData {
  const data = values as unknown as ArrayLike<number>
  if (type === 'float32') return data instanceof Float32Array ? data : Float32Array.from(data)
  if (type === 'int32') return data instanceof Int32Array ? data : Int32Array.from(data)
  return data instanceof Uint8Array && !(data instanceof Uint8ClampedArray) ? data : Uint8Array.from(data)
}
