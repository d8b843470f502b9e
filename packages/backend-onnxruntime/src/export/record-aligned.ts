import * as tf from '@tensorflow/tfjs-core'
import { registerKernels } from '../register-kernels.js'
import { type AlignedGraph, alignRecordings } from './aligned-graph.js'
import { ExportError, LayerError, StructureError } from './export-error.js'
import { exportKernels } from './export-kernels.js'
import type { ExportSource } from './export-source.js'
import { type InputShapes, type Sizes, sizeChoices } from './input-sizes.js'
import { type Recording, record } from './record.js'
import { RecordingBackend } from './recording-backend.js'

const backendName = 'onnx-export'

/**
 * Records a program with several sizes of its inputs, the most general ones for which it runs and always does the same.
 *
 * @throws {ExportError} when there are none, or the program does what ONNX cannot.
 */
export function recordAligned(source: ExportSource): { graph: AlignedGraph; sizes: Sizes } {
  let failure: { error: unknown; shapes: InputShapes } | undefined
  let varies: StructureError | undefined
  for (const sizes of sizeChoices(source.inputs)) {
    if (varies && sizes.multiple > 1) throw varies
    try {
      return { graph: alignRecordings(onRecorder(source, sizes)), sizes }
    } catch (error) {
      if (error instanceof StructureError) {
        // A layer that cuts something to the size of its input does not cut where the sizes are equal.
        varies ??= error
      } else if (error instanceof ExportError) {
        throw error
      } else {
        // Layers refuse sizes that do not fit together, such as odd ones that were halved and doubled.
        failure ??= { error, shapes: sizes.recordings[0]! }
      }
    }
  }
  if (varies) throw varies
  const { error, shapes } = failure!
  const message = error instanceof Error ? error.message : String(error)
  const where = error instanceof LayerError ? ` (layer ${error.layer})` : ''
  throw new ExportError(
    `expected a model that runs, got "${message}" for inputs of ` +
      `${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')}${where}. ` +
      'If it runs with other sizes, give them: exportOnnx(model, { inputs: { name: { shape } } }).',
    error,
  )
}

/**
 * Makes the recorder the current backend while the program runs, which nothing interrupts. Weights that moved there
 * move back like any tensor of another backend: when they are used next.
 */
function onRecorder({ program, inputs, weightName }: ExportSource, sizes: Sizes): Recording[] {
  const before = tf.getBackend()
  const backend = new RecordingBackend(weightName)
  if (tf.getKernelsForBackend(backendName).length === 0) registerKernels(backendName, exportKernels)
  tf.registerBackend(backendName, () => backend, 0)
  // The recorder is ready at once, so these change the backend before they return.
  void tf.setBackend(backendName)
  try {
    return sizes.recordings.map((shapes) => record(backend, program, inputs, shapes))
  } finally {
    void tf.setBackend(before)
    tf.removeBackend(backendName)
  }
}
