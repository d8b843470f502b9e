import type { TrainEvent, TrainResult } from '@dlkit/gan-colorize'
import type { Config } from '@dlkit/gan-colorize/config'
import type { EngineSummary } from '../environment.js'

/** What is known before the first step. */
export interface TrainStart {
  out: string
  config: Config
  engine: EngineSummary
  /** Things that the user should know, e.g. that a resumed run changes its engine. */
  warnings: string[]
}

/** Tells about a training run while it goes on. */
export interface Reporter {
  start(start: TrainStart): void
  event(event: TrainEvent): void
  /** The first Ctrl-C arrived. */
  stopping(): void
  /** Stops everything that draws; called in any case, before `finish` or an error. */
  close(): void
  finish(result: TrainResult, report: string): void
}
