import type { Decision } from './pruner.js'
import type { Params } from './space.js'

/** A trial that an executor is asked to train. */
export interface TrialRequest<P = Params> {
  /** Names the trial among all of all studies, for good. */
  readonly id: string
  readonly study: string
  readonly number: number
  readonly params: P
  readonly folder: string
  /** What a search on several machines says to all of its trials. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** What an executor tells of a trial, and how it is asked to end one. */
export interface TrialHooks {
  report(step: number, value: number): Promise<Decision>
  readonly signal: AbortSignal
}

/** How a trial ended; `log` are the last lines that it wrote. */
export type Outcome =
  | { readonly state: 'complete'; readonly result: unknown }
  | { readonly state: 'failed'; readonly reason: string; readonly log?: readonly string[] }
  | { readonly state: 'pruned' | 'paused' | 'interrupted' }

/** Where trials run. It never rejects because of what a trial does. */
export interface Executor<P = Params> {
  run(request: TrialRequest<P>, hooks: TrialHooks): Promise<Outcome>
  /** Called once the end of a trial, or its pause, is in the journal. */
  settled?(request: TrialRequest<P>): Promise<void>
  /** Gives back what it holds: connections, workers. */
  close?(): Promise<void>
}
