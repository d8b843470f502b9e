import * as tf from '@tensorflow/tfjs-core'

/** Gradients as tfjs hands them out: `tf.variableGrads(...).grads`, or what `applyGradients` receives. */
export type Gradients =
  | Readonly<Record<string, tf.Tensor | null | undefined>>
  | readonly { name: string; tensor?: tf.Tensor | null | undefined }[]

export interface VariableGradient {
  /** Name of the variable. */
  name: string
  /** Euclidean norm, `√Σg²`. */
  norm: number
  /** `mean(|g|)`; NaN or Infinity as soon as one element is. */
  meanAbs: number
}

export interface GradientReading {
  /** In the order in which they were given. */
  variables: VariableGradient[]
  /** Variables that were listed without a gradient: the loss does not depend on them. */
  missing: string[]
}

/**
 * Norm and mean magnitude of every gradient, with one read-back for all of them.
 *
 * The computation happens before the first await, so the gradients may be disposed of as soon as this has returned its
 * promise. They are only read, and nothing is left behind.
 */
export async function readGradients(gradients: Gradients): Promise<GradientReading> {
  const entries: [string, tf.Tensor | null | undefined][] = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor])
    : Object.entries(gradients)
  const given = entries.filter((entry): entry is [string, tf.Tensor] => entry[1] != null)
  const missing = entries.filter(([, tensor]) => tensor == null).map(([name]) => name)
  if (given.length === 0) return { variables: [], missing }

  const packed = tf.tidy(() =>
    tf.keep(
      tf.stack(given.flatMap(([, gradient]) => [tf.sum(tf.abs(gradient)), tf.sum(tf.square(gradient))])),
    ),
  )
  const sums = await packed.data().finally(() => packed.dispose())
  const variables = given.map(([name, { size }], index) => ({
    name,
    norm: Math.sqrt(sums[2 * index + 1]!),
    meanAbs: sums[2 * index]! / Math.max(size, 1),
  }))
  return { variables, missing }
}
