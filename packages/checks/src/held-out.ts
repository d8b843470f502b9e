import * as tf from '@tensorflow/tfjs-core'
import { countOf, type Samples, take } from './samples.js'
import type { Session } from './session.js'

/** Share of the data that is not trained on where there is no validation set. */
const SHARE = 0.25
const READ = 256

export interface HeldOut {
  /** Positions of the samples to train on. */
  training: number[]
  /** Samples that are not trained on. */
  samples: Samples
}

export function holdOut({ data }: Session): HeldOut {
  const count = countOf(data)
  const all = range(count)
  if (data.validation) {
    return { training: all, samples: take(data.validation, range(Math.min(READ, countOf(data.validation)))) }
  }
  const kept = Math.max(1, Math.floor(count * (1 - SHARE)))
  return { training: all.slice(0, kept), samples: take(data, all.slice(kept, kept + READ)) }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** The samples with one of the inputs, or all of them, set to 0. */
export function withoutInput(samples: Samples, index?: number): Samples {
  const zero = (tensor: tf.Tensor, place: number) =>
    index === undefined || index === place ? tf.zerosLike(tensor) : tensor
  const { inputs } = samples
  return { ...samples, inputs: Array.isArray(inputs) ? inputs.map(zero) : zero(inputs, 0) }
}
