import type { Outcome, TrialRequest } from '../executor.js'
import type { Decision } from '../pruner.js'

/** From the search to the process of a trial. */
export type ToTrial =
  | { type: 'run'; module: string; request: TrialRequest }
  | { type: 'decision'; id: number; decision: Decision }
  | { type: 'stop' }

/** From the process of a trial to the search. */
export type FromTrial =
  | { type: 'report'; id: number; step: number; value: number }
  | { type: 'outcome'; outcome: Outcome }
