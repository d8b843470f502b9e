import type { Parameter, Params, Space } from './space.js'
import type { Direction, Trial } from './trial.js'

/** What a sampler may look at. */
export interface History {
  readonly space: Space
  readonly directions: readonly Direction[]
  /** All trials of the study, by number. */
  readonly trials: readonly Trial[]
}

/** Parameters for the next trial; `distributions` where a range is not that of the space. */
export interface Suggestion {
  readonly params: Params
  /** Ranges that are not those of the space, by parameter. */
  readonly distributions?: Readonly<Record<string, Parameter>>
}

/**
 * Proposes the parameters of a study's next trial.
 *
 * The answer depends on the seed and the history alone, so that a study continued in another process goes on as it would
 * have. `'wait'`: running trials have to end first; `'done'`: nothing is left to try.
 */
export interface Sampler {
  suggest(history: History): Suggestion | 'wait' | 'done'
}
