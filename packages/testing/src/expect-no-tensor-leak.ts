import * as tf from '@tensorflow/tfjs-core'

/**
 * Throws when `run` leaves more (or fewer) tensors or data buffers than there were before.
 *
 * Tensors in the returned value belong to the caller of `run`, so they are disposed here and do not count.
 * Something that is created once and kept on purpose, such as the weights of a layer, must exist before.
 */
export async function expectNoTensorLeak(run: () => unknown): Promise<void> {
  const before = tf.memory()
  const result = await run()
  if (result !== null && typeof result === 'object') tf.dispose(result as tf.TensorContainer)
  const after = tf.memory()
  if (after.numTensors !== before.numTensors || after.numDataBuffers !== before.numDataBuffers) {
    throw new Error(
      `expectNoTensorLeak: expected ${before.numTensors} tensors in ${before.numDataBuffers} buffers afterwards, ` +
        `got ${after.numTensors} tensors in ${after.numDataBuffers} buffers.`,
    )
  }
}
