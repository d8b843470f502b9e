import type {
  _FusedMatMulAttrs,
  ArgMaxAttrs,
  BatchMatMulAttrs,
  FusedBatchNormAttrs,
  GatherV2Attrs,
  MaxAttrs,
  RangeAttrs,
  TensorInfo,
} from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import { type Lazy, sizeOf } from '../graph/types.js'
import { activation } from '../kernels/activation.js'
import { allKernels } from '../kernels/all-kernels.js'
import { channelsFirst } from '../kernels/geometry.js'
import { type LazyKernel, type LazyKernels, lazyKernel } from '../kernels/lazy-kernel.js'
import type { RecordingBackend } from './recording-backend.js'

/** A kernel that is recorded by its own rule where `record` gives a result, else as in training. */
function exportKernel<Inputs, Attrs>(
  name: string,
  record: (backend: RecordingBackend, inputs: Inputs, attrs: Attrs) => TensorInfo | TensorInfo[] | undefined,
): LazyKernels {
  const own = lazyKernel<Inputs, Attrs>((backend, inputs, attrs) =>
    record(backend as RecordingBackend, inputs, attrs),
  )
  const kernel: LazyKernel = (...parameters) => own(...parameters) ?? allKernels[name]?.(...parameters)
  return { [name]: kernel }
}

type Matrices = {
  a: TensorInfo
  b: TensorInfo
  bias?: TensorInfo
  preluActivationWeights?: TensorInfo
}

/**
 * A matrix that multiplies the last axis. Layers do that through `[batch · steps, in]` and TensorFlow.js through
 * `[1, rows, in]`; ONNX takes `[batch, steps, in]` as it is.
 */
function rowsTimesMatrix(
  backend: RecordingBackend,
  { a, b, bias, preluActivationWeights }: Matrices,
  attrs: Partial<_FusedMatMulAttrs> & BatchMatMulAttrs,
): TensorInfo | undefined {
  const [inputs, outputs] = [b.shape.at(-2)!, b.shape.at(-1)!]
  if (attrs.transposeA || attrs.transposeB || b.shape.length < 2 || a.shape.at(-1) !== inputs)
    return undefined
  if (sizeOf(b.shape) !== inputs * outputs || a.dtype !== 'float32' || b.dtype !== 'float32') return undefined
  if (preluActivationWeights || (bias && (bias.dtype !== 'float32' || bias.shape.length > 1)))
    return undefined
  const { builder } = backend
  const recorded = backend.beforeReshape(a)
  const x = recorded.shape.length > 1 && recorded.shape.at(-1) === inputs ? recorded : backend.input(a)
  const matrix = builder.plain(builder.reshape(backend.input(b), [inputs, outputs]))
  const operands = [builder.plain(x), matrix]
  const shape = [...x.shape.slice(0, -1), outputs]
  const offset = bias && backend.input(bias)
  let product: Lazy
  if (shape.length === 2) {
    if (offset) operands.push(builder.plain(offset))
    product = builder.lazy('Gemm', operands, 'float32', shape)
  } else {
    product = builder.lazy('MatMul', operands, 'float32', shape)
    if (offset) product = builder.elementwise('Add', [product, offset], 'float32')
  }
  const result = activation(builder, attrs.activation, product, attrs.leakyreluAlpha, undefined)
  return result && backend.outputAs(result, [...a.shape.slice(0, -1), outputs])
}

const ones = (count: number) => new Float32Array(count).fill(1)

/** `BatchNormalization` where the statistics are one number per channel: ONNX Runtime merges it with a convolution. */
function batchNormalization(
  backend: RecordingBackend,
  inputs: { x: TensorInfo; mean: TensorInfo; variance: TensorInfo; scale?: TensorInfo; offset?: TensorInfo },
  { varianceEpsilon }: FusedBatchNormAttrs,
): TensorInfo | undefined {
  const { x, mean, variance, scale, offset } = inputs
  const channels = x.shape.at(-1)!
  const perChannel = [mean, variance, scale, offset].every(
    (tensor) => !tensor || (tensor.shape.length === 1 && tensor.shape[0] === channels),
  )
  const recorded = backend.beforeReshape(x)
  const rank = recorded.shape.length
  if (!perChannel || rank < 2 || recorded.shape.at(-1) !== channels) return undefined
  const b = backend.builder
  const vector = (tensor: TensorInfo | undefined, otherwise: () => Float32Array) =>
    tensor ? b.plain(backend.input(tensor)) : b.constant('float32', [channels], otherwise())
  const values = [
    b.as(recorded, channelsFirst(rank)),
    vector(scale, () => ones(channels)),
    vector(offset, () => new Float32Array(channels)),
    vector(mean, () => new Float32Array(channels)),
    vector(variance, () => ones(channels)),
  ]
  const shape = [recorded.shape[0]!, channels, ...recorded.shape.slice(1, -1)]
  const value = b.emit('BatchNormalization', values, 'float32', shape, {
    epsilon: { float: varianceEpsilon },
  })
  return backend.outputAs(b.stored(value, channelsFirst(rank)), x.shape)
}

/** Without the special cases for NaN. */
const extreme = (kernel: string, op: string): LazyKernels =>
  exportKernel<{ x: TensorInfo }, Partial<MaxAttrs> & { axis?: number | number[] }>(
    kernel,
    (backend, { x }, { reductionIndices, axis, keepDims }) => {
      if (x.dtype === 'bool') return undefined
      const axes = util.parseAxisParam((reductionIndices ?? axis)!, x.shape)
      return backend.output(backend.builder.reduce(op, backend.input(x), axes, keepDims), x.dtype)
    },
  )

const extremeIndex = (op: 'ArgMax' | 'ArgMin'): LazyKernels =>
  exportKernel<{ x: TensorInfo }, ArgMaxAttrs>(op, (backend, { x }, { axis }) => {
    const [along] = util.parseAxisParam(axis, x.shape)
    if (x.dtype === 'bool' || along === undefined) return undefined
    const b = backend.builder
    const shape = x.shape.filter((_, i) => i !== along)
    const attributes = { axis: along, keepdims: 0 }
    const index = b.lazy(op, [b.plain(backend.input(x))], 'int64', shape, attributes)
    return backend.output(b.cast(index, 'int32'), 'int32')
  })

/** Kernels as an inference engine wants them, in place of those that serve training. */
export const exportKernels: LazyKernels = {
  ...allKernels,
  ...exportKernel<Matrices, BatchMatMulAttrs>('BatchMatMul', rowsTimesMatrix),
  ...exportKernel<Matrices, _FusedMatMulAttrs>('_FusedMatMul', rowsTimesMatrix),
  ...exportKernel('FusedBatchNorm', batchNormalization),
  ...exportKernel<{ x: TensorInfo; indices: TensorInfo }, GatherV2Attrs>(
    'GatherV2',
    (backend, { x, indices }, { axis, batchDims }) => {
      if (axis !== 0 || batchDims || indices.shape.length !== 1 || indices.dtype !== 'int32') return undefined
      const b = backend.builder
      const rows = backend.unmerged(indices, 0)
      const table = backend.input(x)
      const row = x.shape.slice(1)
      const shape = [...rows.shape, ...row]
      const values = [b.plain(table), b.plain(rows)]
      const gathered = b.lazy('Gather', values, table.value.type, shape, { axis: 0 })
      return backend.outputAs(gathered, [indices.shape[0]!, ...row], x.dtype)
    },
  ),
  ...extreme('Max', 'ReduceMax'),
  ...extreme('Min', 'ReduceMin'),
  ...extremeIndex('ArgMax'),
  ...extremeIndex('ArgMin'),
  ...exportKernel<object, RangeAttrs>('Range', (backend, _inputs, { start, stop, step, dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32') return undefined
    const b = backend.builder
    const limits = [start, stop, step].map((value) => b.scalar(value, dtype).value)
    const count = Math.max(0, Math.ceil((stop - start) / step))
    return count === 0 ? undefined : backend.output(b.lazy('Range', limits, dtype, [count]), dtype)
  }),
}
