import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import {
  bytesPerFloat,
  compiledKernels,
  input,
  type Kernel,
  type KernelCall,
  pointer,
  reshaped,
} from './kernel-tools.js'

// Kernels that only move values. The backend's own ones copy the whole input first, or go value by value.

const isWide = ({ dtype }: TensorInfo): boolean => dtype === 'float32' || dtype === 'int32'
const product = (sizes: number[]): number => sizes.reduce((result, size) => result * size, 1)

/** The same values: a reference, no copy. Tensors are never changed in place. */
export function identity({ backend, inputs }: KernelCall): TensorInfo {
  const x = input(inputs, 'x')
  return reshaped(backend, x, x.shape)
}

/** `original` takes what is not made of 4-byte values. */
export const slice =
  (original: Kernel): Kernel =>
  (call) => {
    const x = input(call.inputs, 'x')
    if (!isWide(x)) return original(call)
    const { begin, size } = call.attrs
    const [from, sizes] = tf.slice_util.parseSliceParams(
      x as tf.Tensor,
      begin as number[],
      size as number[],
    ) as [number[], number[]]
    tf.slice_util.assertParamsValid(x as tf.Tensor, from, sizes)
    return block(call.backend, x, from, sizes)
  }

/** The block of `sizes` that starts at `begin`. */
function block(backend: BackendWasm, x: TensorInfo, begin: number[], sizes: number[]): TensorInfo {
  const out = backend.makeOutput(sizes, x.dtype)
  if (product(sizes) === 0) return out
  // The last axes that are taken whole, and the one before them, make up one row.
  let whole = x.shape.length - 1
  while (whole > 0 && sizes[whole] === x.shape[whole]) whole--
  const inner = bytesPerFloat * product(x.shape.slice(whole + 1))
  const rowBytes = inner * (sizes[whole] ?? 1)
  const stride = inner * (x.shape[whole] ?? 1)
  const rows = whole > 0 ? (sizes[whole - 1] as number) : 1
  const { copyRows } = compiledKernels(backend)
  const first = pointer(backend, x) + inner * (begin[whole] ?? 0)
  let to = pointer(backend, out)
  const walk = (axis: number, row: number): void => {
    if (axis >= whole - 1) {
      const start = axis < whole ? row * (x.shape[axis] as number) + (begin[axis] as number) : 0
      copyRows(rows, rowBytes, first + start * stride, stride, to, rowBytes)
      to += rows * rowBytes
      return
    }
    for (let index = 0; index < (sizes[axis] as number); index++) {
      walk(axis + 1, row * (x.shape[axis] as number) + (begin[axis] as number) + index)
    }
  }
  walk(0, 0)
  return out
}

export const splitV =
  (original: Kernel): Kernel =>
  (call) => {
    const x = input(call.inputs, 'x')
    if (!isWide(x)) return original(call)
    const axis = tf.util.parseAxisParam(call.attrs.axis as number, x.shape)[0] as number
    const sizes = tf.backend_util.prepareSplitSize(
      x as tf.Tensor,
      call.attrs.numOrSizeSplits as number[],
      axis,
    )
    let start = 0
    return sizes.map((size) => {
      const begin = x.shape.map((_, index) => (index === axis ? start : 0))
      start += size
      return block(
        call.backend,
        x,
        begin,
        x.shape.map((length, index) => (index === axis ? size : length)),
      )
    })
  }

export const concat =
  (original: Kernel): Kernel =>
  (call) => {
    const { backend, attrs } = call
    const given = Object.values(call.inputs) as TensorInfo[]
    const parts = given.filter(({ shape }) => product(shape) > 0)
    if (parts.length < 2 || !given.every((part) => isWide(part) && part.dtype === given[0]?.dtype))
      return original(call)
    const shapes = given.map(({ shape }) => shape)
    const axis = tf.util.parseAxisParam(attrs.axis as number, shapes[0] as number[])[0] as number
    tf.backend_util.assertParamsConsistent(shapes, axis)
    const shape = tf.backend_util.computeOutShape(shapes, axis)
    const out = backend.makeOutput(shape, (parts[0] as TensorInfo).dtype)
    const { copyRows } = compiledKernels(backend)
    const rows = product(shape.slice(0, axis))
    const rowBytes = bytesPerFloat * product(shape.slice(axis))
    let to = pointer(backend, out)
    for (const part of parts) {
      const bytes = bytesPerFloat * product(part.shape.slice(axis))
      copyRows(rows, bytes, pointer(backend, part), bytes, to, rowBytes)
      to += bytes
    }
    return out
  }

export const tile =
  (original: Kernel): Kernel =>
  (call) => {
    const { backend } = call
    const x = input(call.inputs, 'x')
    const reps = call.attrs.reps as number[]
    if (!isWide(x) || product(x.shape) * product(reps) === 0) return original(call)
    const { copyRows } = compiledKernels(backend)
    let result = reshaped(backend, x, x.shape)
    // From the last axis to the first: blocks of this axis are repeated as a whole.
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      let times = reps[axis] as number
      // Neighbouring axes of size 1 are repeated together.
      while (axis > 0 && x.shape[axis] === 1 && x.shape[axis - 1] === 1) times *= reps[--axis] as number
      if (times === 1) continue
      const blocks = product(x.shape.slice(0, axis))
      const size = product(result.shape) / blocks
      const next = backend.makeOutput([blocks, times * size], x.dtype)
      const bytes = bytesPerFloat * size
      for (let time = 0; time < times; time++) {
        // With one block, what is there already is doubled instead.
        const to = pointer(backend, next) + time * bytes
        if (blocks === 1 && time > 0) {
          const count = Math.min(time, times - time)
          copyRows(1, count * bytes, pointer(backend, next), 0, to, 0)
          time += count - 1
        } else {
          copyRows(blocks, bytes, pointer(backend, result), bytes, to, times * bytes)
        }
      }
      backend.disposeData(result.dataId)
      result = next
    }
    return { ...result, shape: x.shape.map((length, axis) => length * (reps[axis] as number)) }
  }
