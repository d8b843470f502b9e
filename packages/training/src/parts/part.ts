import type { ModelWeights } from '@dlkit/optimizers'
import * as tf from '@tensorflow/tfjs-core'

export type Tensors = Readonly<Record<string, tf.Tensor>>

/**
 * Something that training changes and that a checkpoint has to hold:
 * - a model of `tf.layers`: its weights, and the counters of dropout layers of `@dlkit/regularizers`,
 * - an optimizer of `tf.train` or a chain,
 * - variables by name,
 * - what has `state()`, plain JSON, and takes it back by `restore` or `load`: batches, schedules, callbacks, monitors,
 * - what has `tensors()`, which stay its own, and takes them back by `load`: averages. One that has both gets
 *   `load(tensors, state)`.
 */
export type Part = ModelWeights | tf.Optimizer | Variables | TensorPart | StatePart

/** What a training consists of, by name. */
export type Parts = Readonly<Record<string, Part>>

type Variables = Readonly<Record<string, tf.Variable>>

/** A part of a training whose state is tensors, by name; `tensors` lends them. */
export interface TensorPart {
  tensors(): Tensors
  // biome-ignore lint/suspicious/noExplicitAny: each part knows the type of its own state.
  load(tensors: Tensors, state?: any): void
  /** What it remembers besides tensors, as plain JSON. */
  state?(): unknown
}

/** A part of a training whose state is plain JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each part knows the type of its own state.
export type StatePart = { state(): unknown } & ({ restore(state: any): void } | { load(state: any): void })

/** The same part as one of the kinds that are saved in different ways. */
export type KnownPart =
  | { kind: 'model'; part: ModelWeights }
  | { kind: 'optimizer'; part: tf.Optimizer }
  | { kind: 'variables'; part: Variables }
  | { kind: 'tensors'; part: TensorPart }
  | { kind: 'state'; part: StatePart }

/** @throws {TypeError} naming the part that is of no kind. */
export function knownPart(name: string, part: Part): KnownPart {
  if (typeof part === 'object' && part !== null) {
    if ('applyGradients' in part) return { kind: 'optimizer', part: part as tf.Optimizer }
    if ('trainableWeights' in part && 'weights' in part) return { kind: 'model', part: part as ModelWeights }
    if ('tensors' in part && 'load' in part) return { kind: 'tensors', part: part as TensorPart }
    if ('state' in part && ('restore' in part || 'load' in part))
      return { kind: 'state', part: part as StatePart }
    const values = Object.values(part)
    if (values.length > 0 && values.every((value) => value instanceof tf.Variable))
      return { kind: 'variables', part: part as Variables }
  }
  throw new TypeError(
    `parts: expected a model, an optimizer, variables by name, or an object with state() and restore(), got ` +
      `${part === null ? 'null' : typeof part} ("${name}"). See the README for what can be saved.`,
  )
}
