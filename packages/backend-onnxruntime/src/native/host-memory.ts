import { freemem, totalmem } from 'node:os'
import { loadKoffi } from './c-api.js'
import type { Device, DeviceMemory, NativeData, NativeType } from './session.js'
import { newArray } from './session.js'

interface HostMemory extends DeviceMemory {
  readonly array: NativeData
}

/**
 * Memory of this process in the role of a device's: tensors that stay where graphs put them, until they are read. It
 * takes the same paths through the backend as an accelerator.
 */
export class HostDevice implements Device {
  readonly name = 'host'

  allocate(type: NativeType, length: number): HostMemory {
    const array = newArray(type, length)
    const address = loadKoffi().address(array)
    return { type, length, byteLength: array.byteLength, address, array, read: () => array.slice() }
  }

  free(): void {}

  memory() {
    return { available: freemem(), total: totalmem() }
  }

  explain(error: unknown): unknown {
    return error
  }

  copy(from: HostMemory, { array }: HostMemory): void {
    array.set(from.array as never)
  }

  write(values: NativeData, { array }: HostMemory): void {
    array.set(values as never)
  }
}
