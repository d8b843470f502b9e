import type { Parameter, Params } from './space.js'

/**
 * `waiting`: not begun, or paused with a checkpoint; `pruned`: stopped early, or paused and never resumed.
 */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed' | 'waiting'

/** Whether less or more of a metric is better. */
export type Direction = 'minimize' | 'maximize'

/** What the journal knows of a trial. */
export interface Trial<P = Params> {
  /** Its identity in the journal, over all studies in it. */
  readonly id: number
  /** Its number in the study, from 0. */
  readonly number: number
  readonly state: TrialState
  readonly params: P
  /** The range that each parameter was drawn from. */
  readonly distributions: Readonly<Record<string, Parameter>>
  /** One value per metric, in their order, once the trial is complete. */
  readonly values: readonly number[] | undefined
  /** The reported values of the first metric by step. */
  readonly reports: ReadonlyMap<number, number>
  /** What else was noted: `reason` of a failure, `log` with its last lines, `seconds`. */
  readonly notes: Readonly<Record<string, unknown>>
  readonly started: Date | undefined
  readonly ended: Date | undefined
}

/** All values so that smaller is better. */
export function losses(trial: Pick<Trial, 'values'>, directions: readonly Direction[]): number[] {
  return (trial.values ?? []).map((value, index) => lossOf(value, directions[index]!))
}

export function lossOf(value: number, direction: Direction): number {
  return direction === 'maximize' ? -value : value
}
