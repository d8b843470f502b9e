import { type Address, openLibrary } from './c-api.js'
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
    this.check('cudaMalloc', address, byteLength)
    const memory = { type, length, byteLength, address: address[0]!, read: () => this.read(memory) }
    this.forgotten.register(memory, memory.address, memory)
    return memory
  }

  free(memory: CudaMemory): void {
    this.forgotten.unregister(memory)
    this.check('cudaFree', memory.address)
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

  private check(name: keyof typeof signatures, ...args: unknown[]): void {
    const code = this.calls[name](...args)
    if (code !== 0) throw new Error(`${name}: ${this.message(code)} (CUDA error ${code})`)
  }
}

const signatures = {
  cudaSetDevice: ['int'],
  cudaGetDeviceProperties: ['void *', 'int'],
  cudaStreamSynchronize: ['void *'],
  cudaMalloc: ['void *', 'size_t'],
  cudaFree: ['void *'],
  cudaMemcpy: ['void *', 'void *', 'size_t', 'int'],
}
