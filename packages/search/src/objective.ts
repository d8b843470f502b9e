import type { Params } from './space.js'

/** What an objective gets. */
export interface TrialContext<P = Params> {
  readonly number: number
  readonly params: P
  /** A folder of the trial's own for its checkpoints; it is still there when the trial is resumed. */
  readonly folder: string
  /** Those of `redisQueue`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Aborted when the study is interrupted. */
  readonly signal: AbortSignal
  /**
   * Tells the value of the first metric at a step. Save the checkpoint before: where the trial is to stop, this throws
   * {@link TrialStopped}, which the objective lets pass. A paused trial starts again later, with the same folder.
   */
  report(step: number, value: number): Promise<void>
}

/** Trains with the parameters of a trial; returns the metric, or all of them by name. */
export type Objective<P = Params> = (
  trial: TrialContext<P>,
) => number | Readonly<Record<string, number>> | Promise<number | Readonly<Record<string, number>>>

/** Thrown by `report` where a trial is to stop; objectives let it pass. */
export class TrialStopped extends Error {
  override readonly name = 'TrialStopped'
  readonly outcome: 'pruned' | 'paused' | 'interrupted'

  constructor(outcome: 'pruned' | 'paused' | 'interrupted') {
    super(`the trial was ${outcome}`)
    this.outcome = outcome
  }
}
