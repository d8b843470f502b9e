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
const nonBlocking = 1

/** One GPU through NVIDIA's runtime library. All work is queued on one stream, in the order of the calls. */
export class CudaDevice implements Device {
  readonly name: string
  readonly stream: Address
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
    const stream = new BigUint64Array(1)
    this.check('cudaStreamCreateWithFlags', stream, nonBlocking)
    this.stream = stream[0]!
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
    this.check('cudaMemcpyAsync', to.address, values, values.byteLength, toDevice, this.stream)
  }

  private read(from: DeviceMemory): NativeData {
    const to = newArray(from.type, from.length)
    this.check('cudaMemcpyAsync', to, from.address, from.byteLength, toHost, this.stream)
    this.check('cudaStreamSynchronize', this.stream)
    return to
  }

  /** Bytes of the GPU's memory. */
  memory(): { free: number; total: number } {
    const bytes = [new BigUint64Array(1), new BigUint64Array(1)] as const
    this.check('cudaMemGetInfo', ...bytes)
    return { free: Number(bytes[0][0]), total: Number(bytes[1][0]) }
  }

  private check(name: keyof typeof signatures, ...args: unknown[]): void {
    const code = this.calls[name](...args)
    if (code !== 0) throw new Error(`${name}: ${this.message(code)} (CUDA error ${code})`)
  }
}

const signatures = {
  cudaSetDevice: ['int'],
  cudaGetDeviceProperties: ['void *', 'int'],
  cudaStreamCreateWithFlags: ['void *', 'uint'],
  cudaStreamSynchronize: ['void *'],
  cudaMalloc: ['void *', 'size_t'],
  cudaFree: ['void *'],
  cudaMemcpyAsync: ['void *', 'void *', 'size_t', 'int', 'void *'],
  cudaMemGetInfo: ['void *', 'void *'],
}
