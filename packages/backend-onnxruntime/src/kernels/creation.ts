import type {
  CastAttrs,
  DataType,
  ExpandDimsAttrs,
  FillAttrs,
  ReshapeAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { elementType } from '../element-types.js'
import type { Lazy } from '../graph/types.js'
import { sizeOf } from '../graph/types.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'

type X = { x: TensorInfo }

const sharedReshape = (
  backend: OnnxRuntimeBackend,
  x: TensorInfo,
  shape: number[],
): TensorInfo | undefined =>
  // A shape of another size is an error that the CPU kernel reports.
  sizeOf(shape) === sizeOf(x.shape) ? backend.share(x, shape) : undefined

/** A tensor of equal numbers, each of them stored. */
export function filled(backend: OnnxRuntimeBackend, value: Lazy, shape: readonly number[]): Lazy {
  const b = backend.builder
  if (shape.length === 0) return value
  return b.lazy('Expand', [value.value, b.ints(shape)], value.value.type, shape)
}

/** A tensor of one number that is part of the structure. */
function constant(
  backend: OnnxRuntimeBackend,
  number: number,
  shape: readonly number[],
  dtype: DataType,
): TensorInfo {
  const { value } = backend.builder.scalar(number, elementType(dtype), shape.length)
  return backend.output({ value, perm: null, shape }, dtype)
}

const constantLike = (number: number): LazyKernel =>
  lazyKernel<X>((backend, { x }) => constant(backend, number, x.shape, x.dtype))

export const creationKernels: LazyKernels = {
  Identity: lazyKernel<X>((backend, { x }) => backend.share(x)),
  Reshape: lazyKernel<X, ReshapeAttrs>((backend, { x }, { shape }) =>
    sharedReshape(backend, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
  ),
  ExpandDims: lazyKernel<{ input: TensorInfo }, ExpandDimsAttrs>((backend, { input }, { dim }) => {
    const rank = input.shape.length
    if (dim < -(rank + 1) || dim > rank) return undefined
    const shape = input.shape.slice()
    shape.splice(dim < 0 ? rank + dim + 1 : dim, 0, 1)
    return backend.share(input, shape)
  }),
  Cast: lazyKernel<X, CastAttrs>((backend, { x }, { dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return undefined
    if (dtype === x.dtype) return backend.share(x)
    return backend.output(backend.operand(x), dtype)
  }),
  ZerosLike: constantLike(0),
  OnesLike: constantLike(1),
  Fill: lazyKernel<object, FillAttrs>((backend, _inputs, { shape, dtype, value }) => {
    const type = dtype ?? util.inferDtype(value)
    if (typeof value !== 'number' || (type !== 'float32' && type !== 'int32') || sizeOf(shape) === 0)
      return undefined
    if (value === 0 || value === 1) return constant(backend, value, shape, type)
    // A number that changes from step to step must not be another graph each time, so it is an input.
    const data = type === 'float32' ? Float32Array.of(value) : Int32Array.of(value)
    const leaf = backend.builder.trace.leaf(type, new Array<number>(shape.length).fill(1), data)
    return backend.output({ value: leaf, perm: null, shape }, type)
  }),
}
