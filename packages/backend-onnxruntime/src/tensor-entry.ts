import { inspect } from 'node:util'
import { type backend_util, DataStorage, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core'
import { movesNothing, permute, transposeInto } from './graph/layout.js'
import type { Trace } from './graph/trace.js'
import type { Lazy, Shape } from './graph/types.js'
import { type DeviceMemory, isOnDevice, type Memory, type NativeData } from './native/session.js'

type Values = backend_util.BackendValues

/** How the elements lie in memory when it is not their logical order. */
export interface Layout {
  readonly shape: Shape
  readonly perm: Shape
}

/**
 * What is behind a tensor: recorded and not yet computed, or values, perhaps in another order. TensorFlow.js' own
 * CPU kernels read `values`; that is where a recorded tensor is computed.
 */
export class TensorEntry {
  refCount = 1
  /** Whether it is in `TensorEntries`. */
  held = false
  /** Whether its tensors were disposed of. */
  gone = false
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo }
  /** The leaf by which the current trace reads it. */
  leaf: { trace: Trace; lazy: Lazy } | undefined
  lazy: Lazy | undefined
  /** The stretch of the program of which it was computed ahead of the rest; reading it runs that, too. */
  ahead: object | undefined
  /** Why it cannot be computed. */
  failure: Error | undefined
  private layout: Layout | null = null
  /** The same values on a device. */
  private resident: { memory: DeviceMemory; layout: Layout | null; owned: boolean } | undefined
  private variable: { stretch: object; assignments: number } | undefined

  constructor(
    public dtype: DataType,
    private data: Values | undefined,
    private readonly materialize: (read: TensorEntry) => void,
    /** Whether the memory belongs to this tensor alone and nobody else has seen it. */
    private owned = false,
  ) {}

  /** It is the identity of tensors, which users print. */
  [inspect.custom](): object {
    return {}
  }

  /** Notes that a variable holds it now, in place of another tensor. */
  assigned(stretch: object, replaced: TensorEntry): void {
    this.variable = { stretch, assignments: replaced.assignments(stretch) + 1 }
  }

  /** How often the variable that holds it was assigned to in this stretch of the program. */
  assignments(stretch: object): number {
    return this.variable?.stretch === stretch ? this.variable.assignments : 0
  }

  /** Reading brings the values into their logical order for good. */
  get values(): Values {
    if (this.lazy !== undefined) this.materialize(this)
    this.requireValues()
    if (this.data === undefined && this.resident !== undefined) {
      this.data = this.resident.memory.read() as Values
      this.layout = this.resident.layout
    }
    if (this.layout !== null) {
      this.data = inLogicalOrder(this.data as NativeData, this.layout)
      this.layout = null
    }
    this.owned = false
    return this.data as Values
  }

  /** The values in their logical order, in an array of the caller's own. */
  read(): Values {
    if (this.lazy !== undefined || this.ahead !== undefined) this.materialize(this)
    this.ahead = undefined
    this.requireValues()
    const there = this.data === undefined ? this.resident : undefined
    const values = there === undefined ? this.data! : (there.memory.read() as Values)
    const layout = there === undefined ? this.layout : there.layout
    const ordered = layout === null ? values : inLogicalOrder(values as NativeData, layout)
    const converted = util.convertBackendValuesAndArrayBuffer(ordered as never, this.dtype)
    return converted === this.data ? converted.slice() : converted
  }

  set values(values: Values) {
    this.data = values
    this.layout = null
    this.owned = false
    this.resident = undefined
  }

  /** The values as they lie in memory. */
  stored(): { data: Values; layout: Layout | null } {
    return { data: this.data as Values, layout: this.layout }
  }

  /** The values as they lie in the memory of a device. */
  onDevice(): { data: DeviceMemory; layout: Layout | null } | undefined {
    return this.resident && { data: this.resident.memory, layout: this.resident.layout }
  }

  /** Notes that the values are on a device, too, in memory of this tensor's own. */
  copiedTo(memory: DeviceMemory): void {
    this.resident = { memory, layout: this.layout, owned: true }
  }

  /** Notes that the values are elsewhere on the device, in memory of this tensor's own. */
  moveTo(memory: DeviceMemory): void {
    this.resident = { memory, layout: this.resident?.layout ?? null, owned: true }
    this.leaf = undefined
  }

  /** The memory of a tensor that is gone, if it may be used again. */
  *release(): Iterable<Memory> {
    if (this.owned) yield this.data as NativeData
    if (this.resident?.owned) yield this.resident.memory
  }

  /** @throws what went wrong when its graph was compiled or run. */
  requireValues(): void {
    if (this.failure !== undefined) throw this.failure
  }

  /** Notes that what was recorded cannot be computed. */
  fail(error: Error): void {
    this.failure = error
    this.lazy = undefined
  }

  /** Replaces what was recorded by what was computed. */
  settle(memory: Memory, owned: boolean): void {
    this.place(memory, this.lazy!, owned)
    this.lazy = undefined
  }

  /** Takes values in the form of a recorded tensor. */
  place(memory: Memory, { value, perm }: Lazy, owned: boolean): void {
    const layout = perm === null || movesNothing(value.shape, perm) ? null : { shape: value.shape, perm }
    if (isOnDevice(memory)) {
      this.resident = { memory, layout, owned }
      this.data = undefined
      this.layout = null
      this.owned = false
    } else {
      this.data = memory as Values
      this.layout = layout
      this.owned = owned
      this.resident = undefined
    }
    this.leaf = undefined
  }
}

/**
 * The entries of a backend by the identity of their tensors. Most entries are that identity themselves: finding them in
 * a `WeakMap`, as TensorFlow.js does, takes a tenth of the time in which a step is recorded.
 */
export class TensorEntries extends DataStorage<TensorEntry> {
  private count = 0

  override get(dataId: object): TensorEntry {
    return isHeld(dataId) ? dataId : super.get(dataId)
  }

  override set(dataId: object, entry: TensorEntry): void {
    if (dataId === entry) {
      entry.held = true
      this.count++
    } else {
      super.set(dataId, entry)
    }
  }

  override has(dataId: object): boolean {
    return isHeld(dataId) || super.has(dataId)
  }

  override delete(dataId: object): boolean {
    if (!isHeld(dataId)) return super.delete(dataId)
    dataId.held = false
    this.count--
    return true
  }

  override numDataIds(): number {
    return this.count + super.numDataIds()
  }
}

const isHeld = (dataId: object): dataId is TensorEntry => dataId instanceof TensorEntry && dataId.held

function inLogicalOrder(data: NativeData, { shape, perm }: Layout): Values {
  if (data instanceof Float32Array) return transposeInto(data, shape, perm, new Float32Array(data.length))
  if (data instanceof Int32Array) return transposeInto(data, shape, perm, new Int32Array(data.length))
  if (data instanceof Uint8Array) return transposeInto(data, shape, perm, new Uint8Array(data.length))
  throw new TypeError(
    `TensorEntry: expected float32, int32 or bool values, got shape ${permute(shape, perm)}.`,
  )
}
