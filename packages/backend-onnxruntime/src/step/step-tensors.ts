import type { DataType, TensorInfo } from '@tensorflow/tfjs-core'
import type { OnnxRuntimeBackend } from '../backend.js'
import { type Lazy, sameShape, sizeOf } from '../graph/types.js'
import type { Memory } from '../native/session.js'
import type { TensorEntry } from '../tensor-entry.js'
import type { StepRecording } from './recording.js'

/** Does what belongs to a step, which is taken down. */
export function record<T>(backend: OnnxRuntimeBackend, recording: StepRecording, run: () => T): T {
  backend.recording = recording
  try {
    return run()
  } finally {
    backend.recording = undefined
  }
}

/** Runs what is recorded, if anything is. */
export function settleRecorded(backend: OnnxRuntimeBackend): void {
  if (backend.builder.trace.size > 0) backend.flush()
}

/** The memory of values in the form of a recorded tensor; `undefined` where they are in another one. */
export function memoryInForm(
  backend: OnnxRuntimeBackend,
  entry: TensorEntry,
  { value, perm }: Lazy,
): Memory | undefined {
  if (entry.lazy !== undefined) backend.flush()
  entry.requireValues()
  let { data, layout } = backend.tensors.stored(entry, value.type)
  if (perm === null && layout !== null) {
    entry.values = entry.read()
    ;({ data, layout } = backend.tensors.stored(entry, value.type))
  }
  if (data.length !== sizeOf(value.shape)) return undefined
  const isAlike = layout === null ? perm === null : perm !== null && sameShape(layout.perm, perm)
  return isAlike ? data : undefined
}

/** A result of a graph, and what it is: `owned` if no other tensor has it. */
export interface Computed {
  readonly memory: Memory
  readonly lazy: Lazy
  readonly owned: boolean
}

/** A tensor for a result of a graph. */
export function hold(
  { tensors }: OnnxRuntimeBackend,
  { memory, lazy, owned }: Computed,
  shape: number[],
  dtype: DataType,
): TensorInfo {
  return { dataId: tensors.add(tensors.computed(dtype, memory, lazy, owned)), shape, dtype }
}

/** Puts a result of a graph in place of the values of a tensor that nothing else shares. */
export function replace(
  { tensors }: OnnxRuntimeBackend,
  entry: TensorEntry,
  { memory, lazy, owned }: Computed,
): void {
  tensors.release(entry)
  entry.place(memory, lazy, owned)
}
