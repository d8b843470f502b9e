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
import { type Lazy, sizeOf } from '../graph/types.js'
import { hasProcessorOperators } from './compiled-convolution.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { slice } from './slicing.js'

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

/** Integers wrap around as in TensorFlow; ONNX Runtime's own sum ends at the largest of 32 bits. */
const sum = (b: Builder, x: Lazy, axes: number[], keepDims: boolean): Lazy =>
  x.value.type === 'float32'
    ? b.reduce('ReduceSum', x, axes, keepDims)
    : b.cast(b.reduce('ReduceSum', b.cast(x, 'int64'), axes, keepDims), 'int32')

const product = (b: Builder, x: Lazy, axes: number[], keepDims: boolean): Lazy =>
  x.value.type === 'float32'
    ? b.reduce('ReduceProd', x, axes, keepDims)
    : integerProduct(b, x, axes, keepDims)

/** Half by half: products of elements wrap around, where ONNX Runtime's reduction ends at the largest integer. */
function integerProduct(b: Builder, x: Lazy, axes: number[], keepDims: boolean): Lazy {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const rows = sizeOf(kept.map((axis) => x.shape[axis]!))
  const multiply = (p: Lazy, q: Lazy) => b.elementwise('Mul', [p, q], 'int32')
  let columns = sizeOf(axes.map((axis) => x.shape[axis]!))
  let factors = b.reshape(b.transpose(x, [...kept, ...axes]), [rows, columns])
  let rest = b.scalar(1, 'int32', 2)
  while (columns > 1) {
    const half = Math.floor(columns / 2)
    const part = (from: number, count: number) => slice(b, factors, [0, from], [rows, count])
    if (columns % 2 === 1) rest = multiply(rest, part(columns - 1, 1))
    factors = multiply(part(0, half), part(half, half))
    columns = half
  }
  return b.reshape(
    multiply(factors, rest),
    keepDims ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n)) : kept.map((i) => x.shape[i]!),
  )
}

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

/** Rows up to this long are summed by the operator itself, in 32 bits. */
const longRow = 1024

function longSoftmax(b: Builder, op: string, x: Lazy): Lazy {
  const axes = [x.shape.length - 1]
  const float = (name: string, ...inputs: Lazy[]) => b.elementwise(name, inputs, 'float32')
  const shifted = float('Sub', x, b.reduce('ReduceMax', x, axes, true))
  const exponentials = float('Exp', shifted)
  const total = b.reduce('ReduceSum', exponentials, axes, true)
  return op === 'Softmax' ? float('Div', exponentials, total) : float('Sub', shifted, float('Log', total))
}

const alongLastAxis = (op: string, name: 'dim' | 'axis'): LazyKernel =>
  lazyKernel<{ logits: TensorInfo }, Partial<SoftmaxAttrs & LogSoftmaxAttrs>>(
    (backend, { logits }, attrs) => {
      const rank = logits.shape.length
      const axis = attrs[name]
      if (logits.dtype !== 'float32' || rank === 0 || (axis !== -1 && axis !== rank - 1)) return undefined
      const b = backend.builder
      if (b.target !== 'anywhere' && logits.shape[rank - 1]! > longRow)
        return backend.output(longSoftmax(b, op, backend.input(logits)), 'float32')
      const value = b.plain(backend.input(logits))
      if (op === 'Softmax' && hasProcessorOperators(b) && rank <= 8)
        return backend.output(
          b.lazy('dlkit.Softmax', [value], 'float32', logits.shape, { shape: logits.shape }),
          'float32',
        )
      return backend.output(b.lazy(op, [value], 'float32', logits.shape, { axis: -1 }), 'float32')
    },
  )

export const reductionKernels: LazyKernels = {
  Sum: reduction(sum, (dtype) => backend_util.upcastType(dtype, 'int32')),
  Mean: reduction(
    (b, x, axes, keepDims) => b.reduce('ReduceMean', b.cast(x, 'float32'), axes, keepDims),
    () => 'float32',
  ),
  Max: extreme('ReduceMax'),
  Min: extreme('ReduceMin'),
  Prod: reduction(product, numbers),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: extremeIndex('ArgMax'),
  ArgMin: extremeIndex('ArgMin'),
  Softmax: alongLastAxis('Softmax', 'dim'),
  LogSoftmax: alongLastAxis('LogSoftmax', 'axis'),
  Cumsum: lazyKernel<X, CumsumAttrs>((backend, { x }, { axis, exclusive, reverse }) => {
    if (x.dtype === 'bool' || x.shape.length === 0) return undefined
    const b = backend.builder
    const operand = backend.input(x)
    // A running sum in 32 bits drifts.
    const precise = operand.value.type === 'float32' && b.target !== 'anywhere'
    const value = b.plain(precise ? b.cast(operand, 'float64') : operand)
    const attributes = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 }
    const sums = b.lazy('CumSum', [value, b.int(axis)], value.type, x.shape, attributes)
    return backend.output(sums, x.dtype)
  }),
}
