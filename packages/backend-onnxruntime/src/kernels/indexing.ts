import {
  backend_util,
  type GatherV2Attrs,
  type OneHotAttrs,
  type ScatterNdAttrs,
  type TensorInfo,
  type UnsortedSegmentSumAttrs,
  util,
} from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { elementType } from '../element-types.js'
import type { Builder } from '../graph/builder.js'
import { type Lazy, sizeOf, type Value } from '../graph/types.js'
import { checkedIndices } from './checked-indices.js'
import { filled } from './creation.js'
import { type LazyKernels, lazyKernel } from './lazy-kernel.js'
import { slice } from './slicing.js'

const outside = (shape: readonly number[]) => (index: readonly number[]) =>
  new Error(`Invalid indices: ${index} does not index into ${shape}`)

/**
 * `sums[where[i], …] += rows[i, …]`, in the order of i, from 0. ONNX Runtime's ScatterND adds on several threads, which
 * lose terms where an index occurs more than once; its ScatterElements adds on one.
 *
 * @param where the row of each of `rows`, counted over the leading axes of the result.
 */
function addRows(backend: OnnxRuntimeBackend, where: Value, rows: Value, shape: readonly number[]): Lazy {
  const b = backend.builder
  const count = sizeOf(where.shape)
  const width = sizeOf(rows.shape) / count
  const places = b.emit('Expand', [b.reshapeValue(where, [count, 1]), b.ints([count, width])], 'int64', [
    count,
    width,
  ])
  const zeros = filled(backend, b.scalar(0, rows.type), [sizeOf(shape) / width, width]).value
  const values = [zeros, places, b.reshapeValue(rows, [count, width])]
  const sums = b.emit('ScatterElements', values, rows.type, zeros.shape, { axis: 0, reduction: 'add' })
  return b.stored(
    b.reshapeValue(sums, [...shape]),
    shape.map((_, axis) => axis),
  )
}

/** Numbers of rows, counted over all axes of `extents`, of indices `[…, axes]`. */
function rowNumbers(b: Builder, indices: Value, extents: readonly number[]): Value {
  const strides = extents.map((_, axis) => sizeOf(extents.slice(axis + 1)))
  const steps = b.emit('Mul', [indices, b.ints(strides)], 'int64', indices.shape)
  const shape = indices.shape.slice(0, -1)
  return b.emit('ReduceSum', [steps, b.ints([shape.length])], 'int64', shape, { keepdims: 0 })
}

export const indexingKernels: LazyKernels = {
  GatherV2: lazyKernel<{ x: TensorInfo; indices: TensorInfo }, GatherV2Attrs>((backend, inputs, attrs) => {
    const { x, indices } = inputs
    const [axis] = util.parseAxisParam(attrs.axis, x.shape)
    if (attrs.batchDims || indices.dtype !== 'int32' || axis === undefined) return undefined
    const extent = x.shape[axis]!
    const b = backend.builder
    const error = ([index]: readonly number[]) =>
      new Error(`GatherV2: the index value ${index} is not in [0, ${extent - 1}]`)
    const where = checkedIndices(backend, indices, { extents: [extent], error })
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
    const values = [b.plain(backend.input(x)), b.plain(where)]
    return backend.output(b.lazy('Gather', values, elementType(x.dtype), shape, { axis }), x.dtype)
  }),
  GatherNd: lazyKernel<{ params: TensorInfo; indices: TensorInfo }>((backend, { params, indices }) => {
    if (indices.dtype !== 'int32') return undefined
    const depth = indices.shape[indices.shape.length - 1]!
    if (depth === 0) return undefined
    const [shape] = backend_util.prepareAndValidate(params as never, indices as never)
    const b = backend.builder
    const extents = params.shape.slice(0, depth)
    const inside = checkedIndices(backend, indices, { extents, error: outside(params.shape) })
    const where = b.cast(inside, 'int64')
    const values = [b.plain(backend.input(params)), b.plain(where)]
    return backend.output(b.lazy('GatherND', values, elementType(params.dtype), shape), params.dtype)
  }),
  ScatterNd: lazyKernel<{ indices: TensorInfo; updates: TensorInfo }, ScatterNdAttrs>(
    (backend, { indices, updates }, { shape }) => {
      if (indices.dtype !== 'int32' || updates.dtype === 'bool' || indices.shape.length < 2) return undefined
      const depth = indices.shape[indices.shape.length - 1]!
      if (sizeOf(shape) === 0 || sizeOf(indices.shape) === 0) return undefined
      backend_util.calculateShapes(updates, indices, shape)
      const b = backend.builder
      const rows = indices.shape.slice(0, -1)
      const parts = b.reshape(backend.input(updates), [...rows, ...shape.slice(depth)])
      const inside = checkedIndices(backend, indices, {
        extents: shape.slice(0, depth),
        error: outside(shape),
      })
      const where = rowNumbers(b, b.plain(b.cast(inside, 'int64')), shape.slice(0, depth))
      return backend.output(addRows(backend, where, b.plain(parts), shape), updates.dtype)
    },
  ),
  UnsortedSegmentSum: lazyKernel<{ x: TensorInfo; segmentIds: TensorInfo }, UnsortedSegmentSumAttrs>(
    (backend, { x, segmentIds }, { numSegments }) => {
      if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1)
        return undefined
      if (numSegments === 0 || sizeOf(x.shape) === 0) return undefined
      const b = backend.builder
      // Rows of no segment go into one more, which is cut off.
      const ids = backend.input(segmentIds)
      const outside = b.elementwise(
        'Or',
        [
          b.elementwise('Less', [ids, b.scalar(0, 'int32')], 'bool'),
          b.elementwise('GreaterOrEqual', [ids, b.scalar(numSegments, 'int32')], 'bool'),
        ],
        'bool',
      )
      const safe = b.elementwise('Where', [outside, b.scalar(numSegments, 'int32'), ids], 'int32')
      const where = b.plain(b.cast(safe, 'int64'))
      const shape = [numSegments + 1, ...x.shape.slice(1)]
      const sums = addRows(backend, where, b.plain(backend.input(x)), shape)
      const kept = slice(
        b,
        sums,
        shape.map(() => 0),
        [numSegments, ...x.shape.slice(1)],
      )
      return backend.output(kept, 'float32')
    },
  ),
  OneHot: lazyKernel<{ indices: TensorInfo }, OneHotAttrs>((backend, { indices }, attrs) => {
    const { depth, onValue, offValue, dtype } = attrs
    if (indices.dtype !== 'int32' || depth < 1) return undefined
    if (dtype !== 'float32' && dtype !== 'int32') return undefined
    const b = backend.builder
    const scalar = (value: number): Lazy => b.scalar(value, 'int32')
    const limits = [scalar(0), scalar(depth), scalar(1)].map(({ value }) => value)
    const classes = b.lazy('Range', limits, 'int32', [depth])
    const column = b.reshape(backend.input(indices), [...indices.shape, 1])
    const hot = b.elementwise('Equal', [column, classes], 'bool')
    const values = [hot, b.scalar(onValue, dtype), b.scalar(offValue, dtype)]
    return backend.output(b.elementwise('Where', values, dtype), dtype)
  }),
}
