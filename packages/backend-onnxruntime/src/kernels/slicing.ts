import {
  type MirrorPadAttrs,
  type PadV2Attrs,
  type ReverseAttrs,
  type SliceAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core'
import type { Builder } from '../graph/builder.js'
import { identity } from '../graph/layout.js'
import { type Attributes, type Lazy, type Shape, sizeOf, type Value } from '../graph/types.js'
import { sliceStored } from './host-slice.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'

type X = { x: TensorInfo }

/** Records an operator that works axis by axis on the tensor as it lies in memory. */
export function onStored(
  b: Builder,
  x: Lazy,
  shape: Shape,
  record: (order: Shape) => { op: string; inputs: (Value | null)[]; attributes?: Attributes },
): Lazy {
  const perm = x.perm ?? identity(x.shape.length)
  // order[i]: the logical axis that lies at place i
  const order = new Array<number>(perm.length)
  perm.forEach((place, axis) => {
    order[place] = axis
  })
  const { op, inputs, attributes } = record(order)
  const physical = order.map((axis) => shape[axis]!)
  return { value: b.emit(op, [x.value, ...inputs], x.value.type, physical, attributes), perm: x.perm, shape }
}

/** `x[begin : begin + step * size : step]` along each axis. */
export function slice(b: Builder, x: Lazy, begin: Shape, size: Shape, steps?: Shape): Lazy {
  const step = (axis: number) => steps?.[axis] ?? 1
  const axes = x.shape
    .map((_, axis) => axis)
    .filter((axis) => size[axis] !== x.shape[axis] || begin[axis] !== 0 || step(axis) !== 1)
  if (axes.length === 0) return x
  return onStored(b, x, size, (order) => {
    const places = axes.map((axis) => order.indexOf(axis)).sort((p, q) => p - q)
    const along = places.map((place) => order[place]!)
    const ends = along.map((axis) => {
      const last = begin[axis]! + step(axis) * size[axis]!
      return last < 0 ? -(2 ** 31) : last
    })
    const starts = along.map((axis) => begin[axis]!)
    return { op: 'Slice', inputs: [b.ints(starts), b.ints(ends), b.ints(places), b.ints(along.map(step))] }
  })
}

export function pad(b: Builder, x: Lazy, paddings: readonly Shape[], value: number): Lazy {
  const shape = x.shape.map((extent, axis) => extent + paddings[axis]![0]! + paddings[axis]![1]!)
  return onStored(b, x, shape, (order) => ({
    op: 'Pad',
    inputs: [b.ints(padList(order, paddings)), b.scalar(value, x.value.type).value],
  }))
}

const padList = (order: Shape, paddings: readonly Shape[]) => [
  ...order.map((axis) => paddings[axis]![0]!),
  ...order.map((axis) => paddings[axis]![1]!),
]

export const slicingKernels: LazyKernels = {
  Slice: lazyKernel<X, SliceAttrs>((backend, { x }, attrs) => {
    const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size) as [
      number[],
      number[],
    ]
    slice_util.assertParamsValid(x, begin, size)
    if (sizeOf(size) === 0) return undefined
    return (
      sliceStored(backend, x, begin, size) ??
      backend.output(slice(backend.builder, backend.input(x), begin, size), x.dtype)
    )
  }),
  StridedSlice: lazyKernel<X, StridedSliceAttrs>((backend, { x }, attrs) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs
    const info = slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    )
    if (sizeOf(info.finalShape) === 0) return undefined
    if (info.isIdentity) return backend.share(x, info.finalShape)
    const b = backend.builder
    const size = info.begin.map((from, axis) => Math.ceil((info.end[axis]! - from) / info.strides[axis]!))
    const taken = slice(b, backend.input(x), info.begin, size, info.strides)
    return backend.output(b.reshape(taken, info.finalShape), x.dtype)
  }),
  PadV2: lazyKernel<X, PadV2Attrs>((backend, { x }, { paddings, constantValue }) => {
    if (x.dtype === 'bool' || x.shape.length === 0) return undefined
    return backend.output(pad(backend.builder, backend.input(x), paddings, constantValue), x.dtype)
  }),
  MirrorPad: lazyKernel<X, MirrorPadAttrs>((backend, { x }, { paddings, mode }) => {
    if (x.dtype !== 'float32' || mode !== 'reflect') return undefined
    const b = backend.builder
    const shape = x.shape.map((extent, axis) => extent + paddings[axis]![0] + paddings[axis]![1])
    const padded = onStored(b, backend.input(x), shape, (order) => ({
      op: 'Pad',
      inputs: [b.ints(padList(order, paddings))],
      attributes: { mode },
    }))
    return backend.output(padded, x.dtype)
  }),
  Reverse: lazyKernel<X, ReverseAttrs>((backend, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, x.shape)
    const begin = x.shape.map((extent, axis) => (axes.includes(axis) ? extent - 1 : 0))
    const steps = x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1))
    if (x.shape.length === 0) return backend.share(x)
    const reversed = slice(backend.builder, backend.input(x), begin, x.shape, steps)
    return backend.output(reversed, x.dtype)
  }),
}
