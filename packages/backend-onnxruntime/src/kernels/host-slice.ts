import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { elementType, typed } from '../element-types.js'
import { strides } from '../graph/layout.js'
import { type Shape, sizeOf } from '../graph/types.js'
import type { NativeData } from '../native/session.js'

/**
 * A block of a tensor whose values are there, in their logical order; `undefined` for any other tensor. Cutting a batch
 * out of a data set begins somewhere else each time; in a graph each beginning would be another structure.
 */
export function sliceStored(
  backend: OnnxRuntimeBackend,
  x: TensorInfo,
  begin: Shape,
  size: Shape,
): TensorInfo | undefined {
  // In a step that is recorded for being replayed, and in a model that is exported, a slice is a part of it.
  if (backend.recording !== undefined || backend.builder.target === 'anywhere') return undefined
  const entry = backend.entryOf(x)
  if (entry.lazy !== undefined || entry.onDevice() !== undefined) return undefined
  entry.requireValues()
  const { data, layout } = entry.stored()
  if (layout !== null) return undefined
  const part = hostSlice(typed(data, elementType(x.dtype)), x.shape, begin, size)
  const { tensors } = backend
  const dataId = tensors.add(tensors.holding(x.dtype, part as backend_util.BackendValues))
  return { dataId, shape: [...size], dtype: x.dtype }
}

function hostSlice(data: NativeData, shape: Shape, begin: Shape, size: Shape): NativeData {
  const steps = strides(shape)
  let inner = shape.length
  // Trailing dimensions that are taken whole are copied as one run, together with the first that is not.
  while (inner > 0 && begin[inner - 1] === 0 && size[inner - 1] === shape[inner - 1]) inner--
  const runAxis = Math.max(0, inner - 1)
  const run = sizeOf(size.slice(runAxis))
  const start = begin.reduce((offset, from, axis) => offset + from * steps[axis]!, 0)
  const total = sizeOf(size)
  if (run === total) return data.slice(start, start + total)
  const result = data.slice(0, total)
  const position = new Array<number>(runAxis).fill(0)
  let from = start
  for (let to = 0; to < total; to += run) {
    result.set(data.subarray(from, from + run) as never, to)
    for (let axis = runAxis - 1; axis >= 0; axis--) {
      from += steps[axis]!
      if (++position[axis]! < size[axis]!) break
      from -= steps[axis]! * size[axis]!
      position[axis] = 0
    }
  }
  return result
}
