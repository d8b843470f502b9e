import type { backend_util, DataType } from '@tensorflow/tfjs-core'
import { typed } from './element-types.js'
import type { Trace } from './graph/trace.js'
import type { ElementType, Lazy } from './graph/types.js'
import type { GraphRunner } from './graph-runner.js'
import { withLargest } from './largest-values.js'
import {
  type DeviceMemory,
  isNativeData,
  isOnDevice,
  type Memory,
  type NativeData,
} from './native/session.js'
import { type Layout, type TensorEntries, TensorEntry } from './tensor-entry.js'

/** Makes tensors, and knows where the values of each are: in JavaScript or on a device. */
export class TensorStore {
  /** Tensors that are recorded and not yet computed. */
  readonly pending = new Set<TensorEntry>()
  /** What was disposed of last, if nothing was made since. */
  private replaced: TensorEntry | undefined

  constructor(
    private readonly entries: TensorEntries,
    private readonly runner: GraphRunner,
    /** What is being recorded. */
    private readonly trace: () => Trace,
    private readonly materialize: (read: TensorEntry) => void,
  ) {}

  add(entry: TensorEntry): object {
    this.replaced = undefined
    this.entries.set(entry, entry)
    return entry
  }

  /** Values that nobody else writes to. */
  holding(dtype: DataType, values: backend_util.BackendValues): TensorEntry {
    return new TensorEntry(dtype, values, this.materialize)
  }

  /** The values as they are now: a program may fill its array anew before what is recorded on it runs. */
  copied(dtype: DataType, values: backend_util.BackendValues): TensorEntry {
    if (!isNativeData(values)) return this.holding(dtype, values)
    const { data, owned } = this.runner.pool.copy(values)
    // ONNX Runtime turns single bits of booleans, whose bytes have to be 0 or 1; masks of pictures hold 255.
    if (dtype === 'bool') for (let i = 0; i < data.length; i++) if (data[i]) data[i] = 1
    return new TensorEntry(dtype, data as backend_util.BackendValues, this.materialize, owned)
  }

  /** A recorded result. */
  recorded(dtype: DataType, lazy: Lazy): TensorEntry {
    const entry = new TensorEntry(dtype, undefined, this.materialize)
    entry.lazy = lazy
    this.pending.add(entry)
    return entry
  }

  /** A result that a graph has computed. */
  computed(dtype: DataType, memory: Memory, lazy: Lazy, owned: boolean): TensorEntry {
    const entry = new TensorEntry(dtype, undefined, this.materialize)
    entry.place(memory, lazy, owned)
    return entry
  }

  /** The last reference is given up; a tensor that takes over next is the new value of the same variable. */
  disposing(entry: TensorEntry | undefined): void {
    this.replaced = entry
  }

  /** A tensor is referred to once more: by a variable, if that gave up its old value directly before. */
  takingOver(entry: TensorEntry, stretch: object): void {
    if (this.replaced === undefined) return
    entry.assigned(stretch, this.replaced)
    this.replaced = undefined
  }

  /** Its memory may be used again. */
  release(entry: TensorEntry): void {
    for (const memory of entry.release()) this.runner.pool.give(memory)
  }

  /** The values in the memory that graphs read. */
  stored(entry: TensorEntry, type: ElementType): { data: Memory; layout: Layout | null } {
    const there = entry.onDevice()
    if (there?.data.type === type) return there
    const values = there === undefined ? entry.stored() : { data: entry.values, layout: null }
    const data = typed(values.data, type)
    const memory = this.memoryFor(data, type)
    if (there === undefined && isOnDevice(memory)) entry.copiedTo(memory)
    return { data: memory, layout: values.layout }
  }

  /** Numbers in the memory that graphs read. */
  memoryFor(values: NativeData, type: ElementType): Memory {
    const { device } = this.runner.runtime
    if (device === undefined) return values
    const memory = this.take(type, values.length)
    device.write(values, memory)
    return memory
  }

  /** Memory on the device for a result. */
  take(type: ElementType, length: number): DeviceMemory {
    return withLargest(this.trace(), () => this.runner.pool.take(type, length)) as DeviceMemory
  }
}
