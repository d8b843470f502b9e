import {
  type ArgMaxAttrs,
  backend_util,
  type CumsumAttrs,
  type DataType,
  type LogSoftmaxAttrs,
  type MaxAttrs,
  type SoftmaxAttrs,
  type SumAttrs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core'
import type { Builder } from '../graph/builder.js'
import type { Lazy } from '../graph/types.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'

type X = { x: TensorInfo }
/** Most kernels say `axis`, maximum and minimum say `reductionIndices`. */
type Axes = Partial<SumAttrs> & Partial<MaxAttrs>

const reduction = (
  record: (b: Builder, x: Lazy, axes: number[], keepDims: boolean) => Lazy,
  resultType: (dtype: DataType) => DataType | undefined,
): LazyKernel =>
  lazyKernel<X, Axes>((backend, { x }, { axis, reductionIndices, keepDims }) => {
    const dtype = resultType(x.dtype)
    if (dtype === undefined) return undefined
    const axes = util.parseAxisParam((axis ?? reductionIndices)!, x.shape)
    return backend.output(record(backend.builder, backend.input(x), axes, keepDims ?? false), dtype)
  })

const numbers = (dtype: DataType) => (dtype === 'bool' ? undefined : dtype)
const bools = (dtype: DataType) => (dtype === 'bool' ? dtype : undefined)

/** All and any, as the smallest and largest of zeros and ones. */
const logical = (op: string) =>
  reduction((b, x, axes, keepDims) => b.cast(b.reduce(op, b.cast(x, 'int32'), axes, keepDims), 'bool'), bools)

/** NaN where there is one among the numbers, which ONNX leaves open. */
const extreme = (op: string) =>
  reduction((b, x, axes, keepDims) => {
    const result = b.reduce(op, x, axes, keepDims)
    if (x.value.type !== 'float32') return result
    // Only NaN makes a sum of squares NaN.
    const any = b.elementwise('IsNaN', [b.reduce('ReduceSumSquare', x, axes, keepDims)], 'bool')
    return b.elementwise('Where', [any, b.scalar(Number.NaN), result], 'float32')
  }, numbers)

/**
 * TensorFlow.js never finds NaN larger than a number, nor a number larger than NaN: NaN in the first place is the
 * result, in another it is passed over.
 */
function withoutNaN(b: Builder, x: Lazy, axis: number, first: number): Lazy {
  const extent = x.shape[axis]!
  const shape = x.shape.slice(axis).map((_, i) => (i === 0 ? extent : 1))
  const data = new Float32Array(extent).fill(-first)
  data[0] = first
  const substitute: Lazy = { value: b.constant('float32', shape, data), perm: null, shape }
  return b.elementwise('Where', [b.elementwise('IsNaN', [x], 'bool'), substitute, x], 'float32')
}

const extremeIndex = (op: 'ArgMax' | 'ArgMin'): LazyKernel =>
  lazyKernel<X, ArgMaxAttrs>((backend, { x }, { axis }) => {
    if (x.dtype === 'bool') return undefined
    const b = backend.builder
    const [along] = util.parseAxisParam(axis, x.shape)
    if (along === undefined) return undefined
    const shape = x.shape.filter((_, i) => i !== along)
    const numbers = backend.input(x)
    const first = op === 'ArgMax' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    const value = b.plain(x.dtype === 'float32' ? withoutNaN(b, numbers, along, first) : numbers)
    const index = b.emit(op, [value], 'int64', shape, { axis: along, keepdims: 0 })
    return backend.output(b.cast({ value: index, perm: null, shape }, 'int32'), 'int32')
  })

const alongLastAxis = (op: string, name: 'dim' | 'axis'): LazyKernel =>
  lazyKernel<{ logits: TensorInfo }, Partial<SoftmaxAttrs & LogSoftmaxAttrs>>(
    (backend, { logits }, attrs) => {
      const rank = logits.shape.length
      const axis = attrs[name]
      if (logits.dtype !== 'float32' || rank === 0 || (axis !== -1 && axis !== rank - 1)) return undefined
      const b = backend.builder
      const value = b.plain(backend.input(logits))
      return backend.output(b.lazy(op, [value], 'float32', logits.shape, { axis: -1 }), 'float32')
    },
  )

export const reductionKernels: LazyKernels = {
  Sum: reduction(
    (b, x, axes, keepDims) =>
      b.reduce('ReduceSum', x.value.type === 'bool' ? b.cast(x, 'int32') : x, axes, keepDims),
    (dtype) => backend_util.upcastType(dtype, 'int32'),
  ),
  Mean: reduction(
    (b, x, axes, keepDims) => b.reduce('ReduceMean', b.cast(x, 'float32'), axes, keepDims),
    () => 'float32',
  ),
  Max: extreme('ReduceMax'),
  Min: extreme('ReduceMin'),
  Prod: reduction((b, x, axes, keepDims) => b.reduce('ReduceProd', x, axes, keepDims), numbers),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: extremeIndex('ArgMax'),
  ArgMin: extremeIndex('ArgMin'),
  Softmax: alongLastAxis('Softmax', 'dim'),
  LogSoftmax: alongLastAxis('LogSoftmax', 'axis'),
  Cumsum: lazyKernel<X, CumsumAttrs>((backend, { x }, { axis, exclusive, reverse }) => {
    if (x.dtype === 'bool' || x.shape.length === 0) return undefined
    const b = backend.builder
    const value = b.plain(backend.input(x))
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 }
    const sum = b.lazy('CumSum', [value, b.int(axis)], value.type, x.shape, attributes)
    return backend.output(sum, x.dtype)
  }),
}
