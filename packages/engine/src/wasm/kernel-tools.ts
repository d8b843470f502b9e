import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { KernelCall as GeneralCall, Kernel as GeneralKernel } from '../cpu-fallback.js'
import { createMatrixKernel, type MatrixKernel } from './matrix-kernel.js'
import { createRowCopy, type RowCopy } from './row-copy.js'
import { webAssembly } from './web-assembly.js'

export const bytesPerFloat = 4

/** Kernels get tensor infos, never tensors: nothing here is tracked by the tape. */
export type KernelCall = GeneralCall<BackendWasm>
export type Kernel = GeneralKernel<BackendWasm>

/** The named input, which tfjs has checked to be there. */
export function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const info = inputs[name]
  if (info === undefined)
    throw new Error(`wasm kernel: expected the input ${name}, got ${Object.keys(inputs).join(', ')}.`)
  return info
}

/** Runs another kernel of the wasm backend outside the tape. The caller frees the result with `free`. */
export function runKernel(
  backend: BackendWasm,
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo {
  const kernel = tf.getKernel(name, 'wasm')
  return kernel.kernelFunc({ backend, inputs, attrs }) as TensorInfo
}

export const free = (backend: BackendWasm, info: TensorInfo): void => {
  backend.disposeData(info.dataId)
}

/** Where the values are, in bytes. Stays valid when the memory grows. */
export const pointer = (backend: BackendWasm, info: TensorInfo): number =>
  backend.dataIdMap.get(info.dataId).memoryOffset >>> 0

/** The values, in place. Do not keep the view: the next allocation may detach it. */
export const values = (backend: BackendWasm, info: TensorInfo): Float32Array =>
  backend.typedArrayFromHeap(info) as Float32Array

/** A new float32 tensor of zeros. */
export function zeros(backend: BackendWasm, shape: number[]): TensorInfo {
  const info = backend.makeOutput(shape, 'float32')
  values(backend, info).fill(0)
  return info
}

/** The same values under another shape. The result holds a reference of its own: free it too. */
export function reshaped(backend: BackendWasm, info: TensorInfo, shape: number[]): TensorInfo {
  backend.incRef(info.dataId)
  return { dataId: info.dataId, shape, dtype: info.dtype }
}

export const transposed = (backend: BackendWasm, info: TensorInfo, perm: number[]): TensorInfo =>
  runKernel(backend, 'Transpose', { x: info }, { perm })

/** Zeros before and after along one axis. */
export function padded(
  backend: BackendWasm,
  info: TensorInfo,
  axis: number,
  before: number,
  after: number,
): TensorInfo {
  if (before === 0 && after === 0) return reshaped(backend, info, info.shape)
  const paddings = info.shape.map((_, index) => (index === axis ? [before, after] : [0, 0]))
  return runKernel(backend, 'PadV2', { x: info }, { paddings, constantValue: 0 })
}

/** The first `size` values of the last axis. */
export function leading(backend: BackendWasm, info: TensorInfo, size: number): TensorInfo {
  const width = info.shape.at(-1) as number
  const rows = tf.util.sizeFromShape(info.shape) / width
  const out = backend.makeOutput([...info.shape.slice(0, -1), size], info.dtype)
  const { copyRows } = compiledKernels(backend)
  const [from, to] = [width * bytesPerFloat, size * bytesPerFloat]
  copyRows(rows, to, pointer(backend, info), from, pointer(backend, out), to)
  return out
}

/** The next multiple of 4: the kernel computes four neighbours at once and is slow on single columns. */
export const vectorWidth = (channels: number): number => 4 * Math.ceil(channels / 4)

/** What is compiled once per backend, for its memory. */
interface Compiled {
  multiply: MatrixKernel
  copyRows: RowCopy
}

const compiled = new WeakMap<BackendWasm, Compiled>()

/** The kernels written in WebAssembly, compiled on first use. */
export function compiledKernels(backend: BackendWasm): Compiled {
  const known = compiled.get(backend)
  if (known !== undefined) return known
  const { asm } = backend.wasm as unknown as { asm?: { memory?: unknown } }
  if (!(asm?.memory instanceof webAssembly.Memory)) {
    throw new Error('this version of tfjs-backend-wasm does not show its memory (4.22 does)')
  }
  const kernels = { multiply: createMatrixKernel(asm.memory), copyRows: createRowCopy(asm.memory) }
  compiled.set(backend, kernels)
  return kernels
}
