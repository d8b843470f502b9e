import { DeviceMemoryError } from './native/device-error.js'
import {
  type Device,
  isOnDevice,
  type Memory,
  type NativeData,
  type NativeType,
  newArray,
  typeOf,
} from './native/session.js'

/** Most bytes that wait to be used again. */
const maximumBytes = 512 * 2 ** 20

/** Copies of fewer elements are not worth looking for memory. */
const fewElements = 256

/**
 * Memory of tensors that are gone, for the results of the next graphs. A training step computes tens of megabytes of
 * weights and optimizer state anew each time; without this they would come from fresh pages and leave through the
 * garbage collector.
 *
 * What was disposed of while operations are recorded may still be an input of theirs, so it is free from the next
 * `turn` on.
 */
export class BufferPool {
  private readonly free = new Map<string, Memory[]>()
  private waiting: Memory[] = []
  private readonly shared = new WeakSet<Memory>()
  private bytes = 0

  /** @param device where memory comes from when there is none to use again; none: from JavaScript */
  constructor(private readonly device?: Device) {}

  take(type: NativeType, size: number): Memory {
    const data = this.free.get(`${type} ${size}`)?.pop()
    if (data === undefined) return this.device ? this.allocate(this.device, type, size) : newArray(type, size)
    this.bytes -= data.byteLength
    return data
  }

  /** Where there is no room on the device, what waits to be used again makes some. */
  private allocate(device: Device, type: NativeType, size: number): Memory {
    try {
      return device.allocate(type, size)
    } catch (error) {
      if (!(error instanceof DeviceMemoryError) || this.free.size === 0) throw error
      this.releaseFree()
      return device.allocate(type, size)
    }
  }

  /** A copy in the memory of JavaScript. @returns whether it is to be given back, too. */
  copy(values: NativeData): { data: NativeData; owned: boolean } {
    const type = typeOf(values)
    const owned = this.device === undefined && values.length >= fewElements
    // The species of a Buffer's `slice` is a view.
    const data = (owned ? this.take(type, values.length) : newArray(type, values.length)) as NativeData
    data.set(values as never)
    return { data, owned }
  }

  give(data: Memory): void {
    if (!this.shared.has(data)) this.waiting.push(data)
  }

  /** Keeps the memory of several tensors out of the pool for good. */
  share(data: Memory): void {
    this.shared.add(data)
  }

  /** Everything recorded so far has run. */
  turn(): void {
    for (const data of this.waiting) {
      if (this.shared.has(data)) continue
      if (this.bytes + data.byteLength > maximumBytes) {
        if (isOnDevice(data)) this.device?.free(data)
        continue
      }
      const key = `${typeOf(data)} ${data.length}`
      const list = this.free.get(key)
      if (list === undefined) this.free.set(key, [data])
      else list.push(data)
      this.bytes += data.byteLength
    }
    this.waiting = []
  }

  clear(): void {
    this.releaseFree()
    for (const data of this.waiting) if (isOnDevice(data)) this.device?.free(data)
    this.waiting = []
  }

  private releaseFree(): void {
    for (const data of [...this.free.values()].flat()) if (isOnDevice(data)) this.device?.free(data)
    this.free.clear()
    this.bytes = 0
  }
}
