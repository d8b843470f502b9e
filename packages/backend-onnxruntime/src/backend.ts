import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import { type backend_util, type DataType, engine, type TensorInfo, util } from '@tensorflow/tfjs-core'
import { elementType, isSupported } from './element-types.js'
import type { ReplayModels } from './fit/known-parts.js'
import type { Builder } from './graph/builder.js'
import type { CompiledGraph } from './graph/compile.js'
import { permute } from './graph/layout.js'
import { type Lazy, sameShape, sizeOf } from './graph/types.js'
import { GraphRunner, type RunOptions } from './graph-runner.js'
import type { Runtime } from './native/session.js'
import { StatsRecorder } from './stats.js'
import type { StepRecording } from './step/recording.js'
import { TensorEntries, type TensorEntry } from './tensor-entry.js'
import { TensorStore } from './tensor-store.js'
import { UnreadLoops } from './unread-loops.js'

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
  readonly tensors: TensorStore
  /** The step that is being recorded for being replayed. */
  recording: StepRecording | undefined
  private readonly loops: UnreadLoops
  private kernelDepth = 0

  constructor(runtime: Runtime, options: RunOptions) {
    super()
    this.runner = new GraphRunner(runtime, options, this.stats)
    this.builder = this.runner.nextBuilder()
    this.data = new TensorEntries(this, engine())
    this.loops = new UnreadLoops(this.data)
    this.tensors = new TensorStore(
      this.data,
      this.runner,
      () => this.builder.trace,
      (read) => this.materialize(read),
    )
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
    const entry =
      this.kernelDepth > 0 ? this.tensors.holding(dtype, values) : this.tensors.copied(dtype, values)
    this.recording?.wrote(entry)
    return this.tensors.add(entry)
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const entry = this.tensors.copied(dtype, values)
    entry.refCount = refCount
    this.data.set(dataId, entry)
  }

  /** In an array of the reader's own: what was recorded on the values does not see what becomes of it. */
  override readSync(dataId: object): backend_util.BackendValues {
    const entry = this.data.get(dataId)
    this.recording?.prevents('a value that is read')
    return entry.dtype === 'complex64' || entry.dtype === 'string' ? super.readSync(dataId) : entry.read()
  }

  /**
   * Outside of a kernel this is a variable taking a tensor as its new value, directly after it gave up the old one.
   */
  override incRef(dataId: object): void {
    super.incRef(dataId)
    if (this.kernelDepth === 0) this.tensors.takingOver(this.data.get(dataId), this.loops.stretch)
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.data.has(dataId) ? this.data.get(dataId) : undefined
    this.tensors.disposing(entry)
    const gone = super.disposeData(dataId, force)
    if (!gone || entry === undefined) return gone
    entry.gone = true
    this.tensors.release(entry)
    const { pending } = this.tensors
    if (pending.delete(entry) && pending.size === 0) this.forget()
    return gone
  }

  /** Another tensor on the same values. */
  share(x: TensorInfo, shape: number[] = x.shape): TensorInfo {
    this.data.get(x.dataId).refCount++
    return { dataId: x.dataId, shape, dtype: x.dtype }
  }

  entryOf({ dataId }: TensorInfo): TensorEntry {
    return this.data.get(dataId)
  }

  // Recording

  /** The tensor as an operand of what is recorded next. */
  input(x: TensorInfo): Lazy {
    return this.builder.dense(this.operand(x))
  }

  /** `input` for what works element by element and can leave repeated elements out. */
  operand(x: TensorInfo): Lazy {
    const entry = this.data.get(x.dataId)
    const lazy = entry.lazy ?? this.leafOf(entry, x)
    const shaped = sameShape(lazy.shape, x.shape) ? lazy : this.builder.reshape(lazy, x.shape)
    return this.builder.cast(shaped, elementType(x.dtype))
  }

  /** A tensor for a recorded result. */
  output(lazy: Lazy, dtype: DataType): TensorInfo {
    const entry = this.tensors.recorded(dtype, this.builder.cast(lazy, elementType(dtype)))
    return { dataId: this.tensors.add(entry), shape: [...lazy.shape], dtype }
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
    this.tensors.pending.clear()
    this.forget()
    if (error !== undefined) throw error
  }

  /** What was recorded and is still held, in the form in which a graph gives it. */
  pendingResults(): { entry: TensorEntry; lazy: Lazy }[] {
    const { pending } = this.tensors
    for (const entry of pending) entry.lazy = this.builder.dense(entry.lazy!)
    return [...pending].map((entry) => ({ entry, lazy: entry.lazy! }))
  }

  /**
   * Notes that the numbers of a tensor, made just now, are drawn anew in each step that is replayed. Random layers call it.
   */
  drawsAgain({ dataId }: TensorInfo, draw: () => Float32Array): void {
    this.recording?.follow(this.data.get(dataId), draw)
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
    this.tensors.pending.clear()
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
    if (this.builder.trace.size === 0) return
    this.builder.trace.end()
    this.builder = this.runner.nextBuilder()
  }

  /** Computes a tensor that is read, and everything that was recorded with it. */
  protected materialize(read: TensorEntry): void {
    if (read.lazy !== undefined || read.ahead === this.loops.stretch) this.run()
  }

  /** Ends the graph of a loop that never reads a value. */
  protected cutIfDue(name: string, inputs: readonly (TensorInfo | null | undefined)[]): void {
    if (this.recording !== undefined) return
    const end = this.loops.endsBefore(name, inputs, this.builder.trace)
    if (end === 'step') this.run()
    if (end === 'part') this.cut()
  }

  /** Runs what is there so far of a stretch that goes on. */
  private cut(): void {
    const { stretch } = this.loops
    const entries = [...this.tensors.pending]
    this.run()
    this.loops.goOn(stretch)
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
    const { data, layout } = this.tensors.stored(entry, type)
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
}
