import * as tf from '@tensorflow/tfjs-core'

/**
 * What some engines, such as `@dlkit/backend-onnxruntime`, compute for all weights at once: their `own-kernels.ts` says what
 * goes in and comes out.
 */
export type EngineKernel = 'AdamUpdate' | 'SumOfSquares' | 'MovingAverages'

/** Whether the engine in use has the kernel, and can run it on these tensors. */
export function hasKernel(name: EngineKernel, tensors: readonly tf.Tensor[]): boolean {
  const isNumbers = ({ dtype, size }: tf.Tensor) => dtype === 'float32' && size > 0
  return tensors.length > 0 && tensors.every(isNumbers) && tf.getKernel(name, tf.getBackend()) !== undefined
}

export function runKernel(
  name: EngineKernel,
  tensors: readonly tf.Tensor[],
  attrs: object = {},
): tf.Tensor[] {
  const result = tf
    .engine()
    .runKernel(name, tensors as unknown as tf.NamedTensorMap, attrs as tf.NamedAttrMap)
  return Array.isArray(result) ? result : [result as tf.Tensor]
}
