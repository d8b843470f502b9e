import type { TrialState } from '../trial.js'

/** The operations of Optuna's `JournalStorage`, by their numbers in the file. */
export const OPERATION = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttribute: 2,
  setStudySystemAttribute: 3,
  createTrial: 4,
  setTrialParameter: 5,
  setTrialState: 6,
  setTrialReport: 7,
  setTrialUserAttribute: 8,
  setTrialSystemAttribute: 9,
} as const

/** One line of the file; the other fields depend on the operation. */
export interface Entry {
  readonly op_code: number
  readonly worker_id: string
  readonly [field: string]: unknown
}

export const STATE_NUMBERS: Readonly<Record<TrialState, number>> = {
  running: 0,
  complete: 1,
  pruned: 2,
  failed: 3,
  waiting: 4,
}

export const STATES = Object.keys(STATE_NUMBERS) as TrialState[]
