import * as tf from '@tensorflow/tfjs-core'

type Tensors = Readonly<Record<string, tf.Tensor>>

/**
 * The mean of the weights of several checkpoints, tensor by tensor; those that are not float32 come from the last one. Give
 * it a generator to hold one checkpoint at a time. The checkpoints stay the caller's, who also disposes the result.
 *
 * @throws {RangeError} without a checkpoint, or when names, shapes or types differ.
 *
 * @example
 * const mean = await meanOfTensors([first.tensors, second.tensors])
 * loadModelTensors(model, takeGroup(mean, 'model'))
 */
export async function meanOfTensors(
  checkpoints: Iterable<Tensors> | AsyncIterable<Tensors>,
): Promise<Record<string, tf.Tensor>> {
  let mean: Record<string, tf.Tensor> | undefined
  let count = 0
  try {
    for await (const tensors of checkpoints) {
      count++
      const next = mean === undefined ? copyOf(tensors) : moved(mean, tensors, count)
      if (mean !== undefined) tf.dispose(Object.values(mean))
      mean = next
    }
  } catch (error) {
    if (mean !== undefined) tf.dispose(Object.values(mean))
    throw error
  }
  if (mean === undefined) throw new RangeError('meanOfTensors: expected at least one checkpoint, got none.')
  return mean
}

function copyOf(tensors: Tensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]))
}

function moved(mean: Tensors, tensors: Tensors, count: number): Record<string, tf.Tensor> {
  const names = new Set([...Object.keys(mean), ...Object.keys(tensors)])
  for (const name of names) {
    const [first, other] = [describe(mean[name]), describe(tensors[name])]
    if (first !== other) {
      throw new RangeError(
        `meanOfTensors: expected ${first} for "${name}" in checkpoint ${count}, got ${other}. Use checkpoints of one run.`,
      )
    }
  }
  return tf.tidy(() =>
    Object.fromEntries(
      [...names].map((name) => {
        const [old, tensor] = [mean[name]!, tensors[name]!]
        const isMean = tensor.dtype === 'float32'
        return [name, isMean ? tf.add(old, tf.div(tf.sub(tensor, old), count)) : tensor.clone()]
      }),
    ),
  )
}

function describe(tensor: tf.Tensor | undefined): string {
  return tensor === undefined ? 'no tensor' : `${tensor.dtype} [${tensor.shape}]`
}
