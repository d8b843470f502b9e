import type { CheckData, Subject } from '@dlkit/checks'

/** What `dlkit check` looks at. */
export interface Training {
  /** A compiled model, a player `{ loss, variables }`, or the players of a GAN by name. */
  model: Subject
  /** Tensors of the training set, and of what it is validated and tested with. */
  data: CheckData
}

/**
 * Gives a file that describes a training completion and type checks; returns its argument. The file's default export is
 * this, or a function that makes it, which may be async.
 *
 * @example
 * export default defineTraining(async () => ({ model: buildModel(), data: await loadData() }))
 */
export function defineTraining<T extends Training | (() => Training | Promise<Training>)>(training: T): T {
  return training
}
