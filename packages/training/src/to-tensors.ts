import * as tf from '@tensorflow/tfjs-core'
import type { StoredTensor } from './safetensors.js'

/** New tensors of stored ones. */
export function toTensors(stored: Record<string, StoredTensor>): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(stored).map(([name, { values, shape, dtype }]) => [
      name,
      tf.tensor(values, [...shape], dtype),
    ]),
  )
}
