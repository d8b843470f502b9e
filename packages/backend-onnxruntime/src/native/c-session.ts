import { Buffer } from 'node:buffer'
import type { Address, CApi } from './c-api.js'
import { loadKoffi } from './c-api.js'
import type { Operators } from './operators.js'
import {
  isOnDevice,
  type Model,
  type NativeSession,
  type NativeTensor,
  type NativeType,
  type PreparedRun,
  type SessionOptions,
  sessionConfig,
} from './session.js'
import { sharedArenaConfig } from './shared-arena.js'

/** ONNX Runtime's numbers for its types; as in onnx.proto. */
const typeCode: Record<NativeType, number> = { float32: 1, float64: 11, int32: 6, int64: 7, bool: 9 }

const enableAllOptimizations = 99
/** Errors are thrown, with the same text. */
const logFatal = 4

/** What sessions of one process share. */
export interface CEnvironment {
  readonly api: CApi
  readonly environment: Address
  /** Options of a run after which the arena is no larger than what is in use. */
  readonly shrinking: Address
  /** What tells ONNX Runtime that the memory of a tensor is in this process, or on the device. */
  readonly hostMemory: Address
  readonly deviceMemory: Address
  /** Compiled operators beside those of ONNX Runtime. */
  readonly operators?: Operators | undefined
  /** What a failure means. */
  readonly explain?: (error: unknown) => unknown
  /** Adds the device to the options of a session. */
  readonly useDevice?: (sessionOptions: Address, captured: boolean) => void
}

export class CSession implements NativeSession {
  private session: Address
  private readonly inputNames: Names
  private readonly outputNames: Names
  private readonly inputs: BigUint64Array
  private readonly outputs: BigUint64Array
  private hasRun = false
  private readonly dimensions = new WeakMap<readonly number[], BigInt64Array>()

  constructor(
    private readonly shared: CEnvironment,
    { bytes, inputs, outputs }: Model,
    options: SessionOptions,
  ) {
    const { api, environment } = shared
    const sessionOptions = api.create('CreateSessionOptions')
    try {
      api.call('SetSessionGraphOptimizationLevel', sessionOptions, enableAllOptimizations)
      api.call('SetIntraOpNumThreads', sessionOptions, options.threads)
      api.call('SetInterOpNumThreads', sessionOptions, 1)
      api.call('SetSessionLogSeverityLevel', sessionOptions, logFatal)
      for (const [key, value] of Object.entries(sessionConfig)) {
        api.call('AddSessionConfigEntry', sessionOptions, key, value)
      }
      api.call('AddSessionConfigEntry', sessionOptions, ...sharedArenaConfig)
      if (options.profile !== undefined) api.call('EnableProfiling', sessionOptions, options.profile)
      shared.operators?.(sessionOptions)
      shared.useDevice?.(sessionOptions, options.captured ?? false)
      this.session = api.create(
        'CreateSessionFromArray',
        environment,
        bytes,
        bytes.byteLength,
        sessionOptions,
      )
    } finally {
      api.release('ReleaseSessionOptions', sessionOptions)
    }
    this.inputNames = new Names(inputs)
    this.outputNames = new Names(outputs)
    this.inputs = new BigUint64Array(inputs.length)
    this.outputs = new BigUint64Array(outputs.length)
  }

  run(inputs: readonly NativeTensor[], outputs: readonly NativeTensor[]): void {
    const { api } = this.shared
    let made = 0
    try {
      for (const [i, tensor] of inputs.entries()) {
        this.inputs[i] = this.valueOf(tensor)
        made++
      }
      for (const [i, tensor] of outputs.entries()) {
        this.outputs[i] = this.valueOf(tensor)
        made++
      }
      // The graphs before have left memory that this one may have no use for.
      this.runOn(this.hasRun ? null : this.shared.shrinking, this.inputs, this.outputs)
      this.hasRun = true
    } finally {
      for (let i = 0; i < made; i++) {
        const value = i < inputs.length ? this.inputs[i]! : this.outputs[i - inputs.length]!
        api.release('ReleaseValue', value)
      }
    }
  }

  prepare(inputs: readonly NativeTensor[], outputs: readonly NativeTensor[], id: number): PreparedRun {
    const { api, useDevice } = this.shared
    const runOptions = api.create('CreateRunOptions')
    if (useDevice !== undefined) api.call('AddRunConfigEntry', runOptions, 'gpu_graph_id', `${id}`)
    const [feeds, fetches] = [inputs, outputs].map((tensors) =>
      BigUint64Array.from(tensors, (tensor) => this.valueOf(tensor)),
    ) as [BigUint64Array, BigUint64Array]
    return {
      run: () => this.runOn(runOptions, feeds, fetches),
      dispose: () => {
        for (const value of [...feeds, ...fetches]) api.release('ReleaseValue', value)
        api.release('ReleaseRunOptions', runOptions)
      },
    }
  }

  private runOn(options: Address | null, inputs: BigUint64Array, outputs: BigUint64Array): void {
    const { inputNames, outputNames } = this
    const names = [
      inputNames.addresses,
      inputs,
      inputs.length,
      outputNames.addresses,
      outputs.length,
    ] as const
    try {
      this.shared.api.call('Run', this.session, options, ...names, outputs)
    } catch (error) {
      throw this.shared.explain?.(error) ?? error
    }
  }

  dispose(): void {
    this.shared.api.release('ReleaseSession', this.session)
    this.session = 0n
  }

  endProfiling(): void {
    const { api } = this.shared
    const allocator = api.create('GetAllocatorWithDefaultOptions')
    const fileName = api.create('SessionEndProfiling', this.session, allocator)
    api.call('AllocatorFree', allocator, fileName)
  }

  /** A value of ONNX Runtime on the memory of a tensor, which has to stay where it is while the value is there. */
  private valueOf({ type, shape, data }: NativeTensor): Address {
    const { api, hostMemory, deviceMemory } = this.shared
    const onDevice = isOnDevice(data)
    return api.create(
      'CreateTensorWithDataAsOrtValue',
      onDevice ? deviceMemory : hostMemory,
      onDevice ? data.address : data,
      data.byteLength,
      this.dimensionsOf(shape),
      shape.length,
      typeCode[type],
    )
  }

  private dimensionsOf(shape: readonly number[]): BigInt64Array {
    const known = this.dimensions.get(shape)
    if (known !== undefined) return known
    const dimensions = BigInt64Array.from(shape, BigInt)
    this.dimensions.set(shape, dimensions)
    return dimensions
  }
}

/** Texts in memory that does not move, as C reads them. */
class Names {
  readonly addresses: BigUint64Array
  private readonly bytes: readonly Buffer[]

  constructor(names: readonly string[]) {
    const koffi = loadKoffi()
    this.bytes = names.map((name) => Buffer.from(`${name}\0`))
    this.addresses = BigUint64Array.from(this.bytes, (bytes) => koffi.address(bytes))
  }
}
