import * as tf from '@tensorflow/tfjs-core'

type Tensors = tf.Tensor | tf.Tensor[]

/** Tensors whose first axis counts samples; a list where a model has several inputs or targets. */
export interface Samples {
  inputs: Tensors
  /** May be left out where a loss needs none. */
  targets?: Tensors
}

/** What a loss is called with: some of the samples, in the form in which they were given. */
export type Batch = Samples

/** The training set, and what it is validated and tested with. Stays the caller's. */
export interface CheckData extends Samples {
  /** Samples that are not trained on, of the same form. */
  validation?: Samples
  /** Samples for the end, of the same form. */
  test?: Samples
}

export const listOf = <T>(values: T | readonly T[] | undefined): readonly T[] =>
  values === undefined ? [] : Array.isArray(values) ? (values as readonly T[]) : [values as T]

/** Number of samples that all tensors have. */
export const countOf = ({ inputs, targets }: Samples): number =>
  Math.min(...[...listOf(inputs), ...listOf(targets)].map(({ shape }) => shape[0] ?? 0))

/** The samples at these positions, in this order; the caller disposes of them, or calls within `tf.tidy`. */
export function take({ inputs, targets }: Samples, positions: readonly number[]): Batch {
  const index = tf.tensor1d([...positions], 'int32')
  const gathered = (tensors: Tensors): Tensors =>
    Array.isArray(tensors) ? tensors.map((tensor) => tf.gather(tensor, index)) : tf.gather(tensors, index)
  const batch = { inputs: gathered(inputs), ...(targets !== undefined && { targets: gathered(targets) }) }
  index.dispose()
  return batch
}

export function disposeBatch({ inputs, targets }: Batch): void {
  tf.dispose([inputs, targets ?? []])
}

/** Throws a TypeError for what is no set of samples. */
export function checkSamples(samples: Samples | undefined, name: string): void {
  const tensors = [...listOf(samples?.inputs), ...listOf(samples?.targets)]
  const isWrong = tensors.some((tensor) => !(tensor instanceof tf.Tensor) || tensor.rank === 0)
  if (samples?.inputs === undefined || tensors.length === 0 || isWrong) {
    throw new TypeError(
      `checks: expected ${name} with inputs and targets that are tensors of samples. ` +
        'Pass { inputs: tensor, targets: tensor }, each with one row for each sample.',
    )
  }
  if (countOf(samples) === 0) {
    throw new RangeError(`checks: expected samples in ${name}, got none. Look at how the data are loaded.`)
  }
}
