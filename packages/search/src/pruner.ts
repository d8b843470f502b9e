import type { Direction, Trial } from './trial.js'

/** What a trial does after a report. */
export type Decision = 'continue' | 'prune' | 'pause'

/** Decides about the first metric after each report. */
export interface Pruner {
  /** About a trial that has just reported at `step`; `trials` are all of the study. */
  decide(trial: Trial, step: number, trials: readonly Trial[], direction: Direction): Decision
  /** A paused trial that has deserved to go on, and what to note with it. */
  resumable?(
    trials: readonly Trial[],
    direction: Direction,
  ): { trial: Trial; notes: Readonly<Record<string, unknown>> } | undefined
}
