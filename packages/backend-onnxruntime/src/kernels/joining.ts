import {
  backend_util,
  type ConcatAttrs,
  type PackAttrs,
  type SplitVAttrs,
  type TensorInfo,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
  util,
} from '@tensorflow/tfjs-core'
import type { Builder } from '../graph/builder.js'
import { invert, permute } from '../graph/layout.js'
import type { Lazy, Shape } from '../graph/types.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { onStored } from './slicing.js'

/** Joins along an axis, in the memory order of the first tensor that has one. */
export function concat(b: Builder, inputs: readonly Lazy[], axis: number): Lazy {
  const shape = inputs[0]!.shape.map((extent, i) =>
    i === axis ? inputs.reduce((sum, input) => sum + input.shape[i]!, 0) : extent,
  )
  const perm = inputs.find((input) => input.perm !== null)?.perm
  const type = inputs[0]!.value.type
  if (!perm)
    return b.lazy(
      'Concat',
      inputs.map((input) => input.value),
      type,
      shape,
      { axis },
    )
  const inverse = invert(perm)
  const values = inputs.map((input) => b.as(input, inverse))
  const value = b.emit('Concat', values, type, permute(shape, inverse), { axis: perm[axis]! })
  return { value, perm, shape }
}

/** Parts of the given sizes along an axis. */
export function split(b: Builder, x: Lazy, sizes: Shape, axis: number): Lazy[] {
  const place = x.perm === null ? axis : x.perm[axis]!
  const outputs = sizes.map((size) => ({
    type: x.value.type,
    shape: x.value.shape.map((extent, i) => (i === place ? size : extent)),
  }))
  const values = b.trace.node('Split', [x.value, b.ints(sizes)], { axis: place }, outputs)
  return values.map((value, i) => ({
    value,
    perm: x.perm,
    shape: x.shape.map((extent, j) => (j === axis ? sizes[i]! : extent)),
  }))
}

function tile(b: Builder, x: Lazy, reps: Shape): Lazy {
  const shape = x.shape.map((extent, axis) => extent * reps[axis]!)
  if (x.shape.every((extent, axis) => extent === 1 || reps[axis] === 1)) return { ...x, shape }
  return onStored(b, x, shape, (order) => ({ op: 'Tile', inputs: [b.ints(permute(reps, order))] }))
}

export const joiningKernels: LazyKernels = {
  Transpose: lazyKernel<{ x: TensorInfo }, TransposeAttrs>((backend, { x }, { perm }) =>
    backend.output(backend.builder.transpose(backend.input(x), perm), x.dtype),
  ),
  Concat: lazyKernel<TensorInfo[], ConcatAttrs>((backend, inputs, { axis }) => {
    const tensors = Object.values(inputs)
    const dtype = tensors[0]!.dtype
    if (tensors.some((x) => x.dtype !== dtype)) return undefined
    const [along] = util.parseAxisParam(axis, tensors[0]!.shape)
    backend_util.assertParamsConsistent(
      tensors.map(({ shape }) => shape),
      along!,
    )
    if (tensors.length === 1) return backend.share(tensors[0]!)
    const joined = concat(
      backend.builder,
      tensors.map((x) => backend.input(x)),
      along!,
    )
    return backend.output(joined, dtype)
  }),
  Pack: lazyKernel<TensorInfo[], PackAttrs>((backend, inputs, { axis }) => {
    const tensors = Object.values(inputs)
    const { dtype, shape } = tensors[0]!
    if (tensors.some((x) => x.dtype !== dtype || !util.arraysEqual(x.shape, shape))) return undefined
    const b = backend.builder
    const along = axis < 0 ? shape.length + 1 + axis : axis
    const expanded = [...shape.slice(0, along), 1, ...shape.slice(along)]
    if (tensors.length === 1) return backend.share(tensors[0]!, expanded)
    const parts = tensors.map((x) => b.reshape(backend.input(x), expanded))
    return backend.output(concat(b, parts, along), dtype)
  }),
  Unpack: lazyKernel<{ value: TensorInfo }, UnpackAttrs>((backend, { value }, { axis }) => {
    const b = backend.builder
    const along = axis < 0 ? axis + value.shape.length : axis
    const count = value.shape[along]!
    const shape = value.shape.filter((_, i) => i !== along)
    if (count === 1) return [backend.share(value, shape)]
    const parts = split(b, backend.input(value), new Array<number>(count).fill(1), along)
    return parts.map((part) => backend.output(b.reshape(part, shape), value.dtype))
  }),
  SplitV: lazyKernel<{ x: TensorInfo }, SplitVAttrs>((backend, { x }, { numOrSizeSplits, axis }) => {
    const [along] = util.parseAxisParam(axis, x.shape)
    const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, along)
    if (sizes.some((size) => size === 0)) return undefined
    if (sizes.length === 1) return [backend.share(x)]
    const parts = split(backend.builder, backend.input(x), sizes, along!)
    return parts.map((part) => backend.output(part, x.dtype))
  }),
  Tile: lazyKernel<{ x: TensorInfo }, TileAttrs>((backend, { x }, { reps }) => {
    if (reps.some((count) => count === 0) || reps.length !== x.shape.length) return undefined
    if (reps.every((count) => count === 1)) return backend.share(x)
    return backend.output(tile(backend.builder, backend.input(x), reps), x.dtype)
  }),
}
