import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import type { Lazy } from '../graph/types.js'

export interface IndexRange {
  /** Extents of what is indexed: one for all indices, or one for each place in a row of indices. */
  readonly extents: readonly number[]
  readonly error: (indices: readonly number[]) => Error
}

/**
 * Indices that are within their range, or an error: at once where they are there, and where they are computed when they
 * are, with one flag to read. ONNX Runtime counts negative ones from the end and prints others to the standard error.
 */
export function checkedIndices(backend: OnnxRuntimeBackend, indices: TensorInfo, range: IndexRange): Lazy {
  const b = backend.builder
  const stored = storedValues(backend, indices)
  if (stored !== undefined) throwOutside(stored, range)
  const x = backend.input(indices)
  // A step that is replayed gets other indices each time.
  if (b.target === 'anywhere' || (stored !== undefined && backend.recording === undefined)) return x
  const last = Int32Array.from(range.extents, (extent) => extent - 1)
  const highest =
    last.length === 1 ? b.scalar(last[0]!, 'int32') : b.lazily(b.constant('int32', [last.length], last))
  const raised = b.elementwise('Max', [x, b.scalar(0, 'int32')], 'int32')
  const inside = b.elementwise('Min', [raised, highest], 'int32')
  const unchanged = b.cast(b.elementwise('Equal', [x, inside], 'bool'), 'int32')
  const axes = x.shape.map((_, axis) => axis)
  b.trace.checks.set(inside.value.node, {
    passed: b.plain(b.reduce('ReduceMin', unchanged, axes)),
    values: b.emit('Identity', [b.plain(x)], 'int32', x.shape),
    report: (values) => throwOutside(values, range),
  })
  return inside
}

/** The values if they are there already. */
function storedValues(backend: OnnxRuntimeBackend, x: TensorInfo): ArrayLike<number> | undefined {
  const entry = backend.entryOf(x)
  if (entry.lazy !== undefined) return undefined
  entry.requireValues()
  const { data, layout } = entry.stored()
  const inPlace = entry.onDevice() === undefined && layout === null
  return (inPlace ? data : entry.read()) as unknown as ArrayLike<number>
}

function throwOutside(indices: ArrayLike<number>, { extents, error }: IndexRange): void {
  const depth = extents.length
  for (let i = 0; i < indices.length; i++) {
    if (indices[i]! >= 0 && indices[i]! < extents[i % depth]!) continue
    const row = i - (i % depth)
    throw error(Array.from({ length: depth }, (_, place) => indices[row + place]!))
  }
}
