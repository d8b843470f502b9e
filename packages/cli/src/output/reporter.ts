import type { CheckResult } from '@dlkit/checks'
import type { TrainEvent, TrainResult } from '@dlkit/gan-colorize'
import type { EngineSummary } from '../environment.js'
import type { OwnEvent, OwnResult } from '../training/train-own.js'

/** What is known before the first step. */
export interface TrainStart {
  out: string
  config: object
  engine: EngineSummary
  /** Things that the user should know, e.g. that a resumed run changes its engine. */
  warnings: string[]
}

/** What happens in a training of the colouring network, or of a model of the user's own. */
export type AnyTrainEvent = TrainEvent | OwnEvent

/** Tells about a training run while it goes on. */
export interface Reporter {
  start(start: TrainStart): void
  /** What the checks before a training found; @param texts of what is wrong, for people. */
  checks(results: readonly CheckResult[], texts: readonly string[]): void
  event(event: AnyTrainEvent): void
  /** The first Ctrl-C arrived. */
  stopping(): void
  /** Stops everything that draws; called in any case, before `finish` or an error. */
  close(): void
  /** @param hints what may be done with the run, for people. */
  finish(result: TrainResult | OwnResult, report: string, hints: readonly string[]): void
}
