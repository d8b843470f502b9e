import { type Address, openLibrary } from './c-api.js'
import { DeviceLostError, DeviceMemoryError } from './device-error.js'
import {
  bytesPerElement,
  type Device,
  type DeviceMemory,
  type NativeData,
  type NativeType,
  newArray,
} from './session.js'

interface CudaMemory extends DeviceMemory {
  address: Address
}

const outOfMemory = 2

const toDevice = 1
const toHost = 2
const withinDevice = 3

/** One GPU through NVIDIA's runtime library. Each call is done when it returns, like a run of a graph. */
export class CudaDevice implements Device {
  readonly name: string
  private readonly calls: Record<keyof typeof signatures, (...args: unknown[]) => number>
  private readonly message: (code: number) => string
  private readonly forgotten = new FinalizationRegistry<Address>((address) => this.calls.cudaFree(address))

  /**
   * @param library path of libcudart
   * @throws {Error} when there is no GPU or its driver is too old.
   */
  constructor(library: string, index = 0) {
    const cudart = openLibrary(library)
    this.message = cudart.func('cudaGetErrorString', 'const char *', ['int'])
    this.calls = Object.fromEntries(
      Object.entries(signatures).map(([name, args]) => [name, cudart.func(name, 'int', args)]),
    ) as unknown as typeof this.calls
    this.check('cudaSetDevice', index)
    const properties = Buffer.alloc(16_384)
    this.check('cudaGetDeviceProperties', properties, index)
    this.name = properties.toString('latin1', 0, properties.indexOf(0))
  }

  allocate(type: NativeType, length: number): CudaMemory {
    const byteLength = length * bytesPerElement[type]
    const address = new BigUint64Array(1)
    const code = this.calls.cudaMalloc(address, byteLength)
    if (code === outOfMemory) throw this.outOfMemory(byteLength)
    this.require('cudaMalloc', code)
    const memory = { type, length, byteLength, address: address[0]!, read: () => this.read(memory) }
    this.forgotten.register(memory, memory.address, memory)
    return memory
  }

  free(memory: CudaMemory): void {
    this.forgotten.unregister(memory)
    // What fails here has been said before.
    this.calls.cudaFree(memory.address)
    memory.address = 0n
  }

  write(values: NativeData, to: DeviceMemory): void {
    this.check('cudaMemcpy', to.address, values, values.byteLength, toDevice)
  }

  copy(from: DeviceMemory, to: DeviceMemory): void {
    this.check('cudaMemcpy', to.address, from.address, from.byteLength, withinDevice)
    // Other than copies to and from the processor, this one only begins.
    this.check('cudaStreamSynchronize', null)
  }

  private read(from: DeviceMemory): NativeData {
    const to = newArray(from.type, from.length)
    this.check('cudaMemcpy', to, from.address, from.byteLength, toHost)
    return to
  }

  memory(): { available: number; total: number } {
    const available = new BigUint64Array(1)
    const total = new BigUint64Array(1)
    // A lost device has none.
    this.calls.cudaMemGetInfo(available, total)
    return { available: Number(available[0]), total: Number(total[0]) }
  }

  explain(error: unknown): unknown {
    const text = error instanceof Error ? error.message : String(error)
    const code = this.calls.cudaDeviceSynchronize()
    if (code !== 0) return this.lost(code, error)
    return /allocate memory|out of memory|cudaMalloc failed \(code 2\)|ALLOC_FAILED/i.test(text)
      ? this.outOfMemory(undefined, error)
      : error
  }

  private outOfMemory(asked: number | undefined, cause?: unknown): DeviceMemoryError {
    const { available, total } = this.memory()
    return new DeviceMemoryError(this.name, { asked, available, total }, cause)
  }

  private lost(code: number, cause?: unknown): DeviceLostError {
    return new DeviceLostError(this.name, `${this.message(code)}, CUDA error ${code}`, cause)
  }

  private check(name: keyof typeof signatures, ...args: unknown[]): void {
    this.require(name, this.calls[name](...args))
  }

  /** After most errors a device fails in all that follows, whatever it was asked for. */
  private require(name: string, code: number): void {
    if (code === 0) return
    if (this.calls.cudaDeviceSynchronize() !== 0) throw this.lost(code)
    throw new Error(`${name}: ${this.message(code)} (CUDA error ${code})`)
  }
}

const signatures = {
  cudaSetDevice: ['int'],
  cudaGetDeviceProperties: ['void *', 'int'],
  cudaStreamSynchronize: ['void *'],
  cudaDeviceSynchronize: [],
  cudaMemGetInfo: ['void *', 'void *'],
  cudaMalloc: ['void *', 'size_t'],
  cudaFree: ['void *'],
  cudaMemcpy: ['void *', 'void *', 'size_t', 'int'],
}
