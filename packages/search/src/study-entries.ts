import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { isLiving, startOf } from '@dlkit/training/files'
import { encodeDistribution, encodeValue, incompatibility } from './journal/distribution.js'
import { OPERATION, STATE_NUMBERS } from './journal/entries.js'
import { JournalError } from './journal/journal-file.js'
import type { StudyRecord } from './journal/replay.js'
import type { Suggestion } from './sampler.js'
import { parameterOf, type Space } from './space.js'
import type { Direction, Trial, TrialState } from './trial.js'

/** Entries without the name of their writer. */
export type Change = { readonly op_code: number; readonly [field: string]: unknown }

export function createStudy(
  id: number,
  name: string,
  metrics: Readonly<Record<string, Direction>>,
): Change[] {
  const directions = Object.values(metrics).map((direction) => (direction === 'maximize' ? 2 : 1))
  return [
    { op_code: OPERATION.createStudy, study_name: name, directions },
    {
      op_code: OPERATION.setStudySystemAttribute,
      study_id: id,
      system_attr: { [METRIC_NAMES]: Object.keys(metrics) },
    },
    nameStudy(id),
  ]
}

export function nameStudy(id: number): Change {
  return { op_code: OPERATION.setStudyUserAttribute, study_id: id, user_attr: { id: randomUUID() } }
}

/** Throws unless a study of the journal has these metrics, and parameters of these kinds. */
export function checkSameStudy(
  { name, directions, systemNotes, trials }: StudyRecord,
  { path, space, metrics }: { path: string; space: Space; metrics: Readonly<Record<string, Direction>> },
): void {
  const names = (systemNotes[METRIC_NAMES] as string[] | undefined) ?? Object.keys(metrics)
  const before = directions.map((direction, index) => `${names[index]}: ${direction}`).join(', ')
  const now = Object.entries(metrics).map(([metric, direction]) => `${metric}: ${direction}`)
  const fail = (difference: string) => {
    throw new JournalError(
      `openStudy: ${name} in ${path} ${difference}. Give the study another name, or another journal.`,
    )
  }
  if (before !== now.join(', ')) fail(`has the metrics ${before}, not ${now.join(', ')}`)
  for (const [key, entry] of Object.entries(space)) {
    const own = trials.find(({ distributions }) => key in distributions)?.distributions[key]
    const difference = own && incompatibility(own, parameterOf(entry))
    if (difference !== undefined) fail(`has another ${key}, which ${difference}`)
  }
}

/** Where Optuna keeps them. */
const METRIC_NAMES = 'study:metric_names'

/** The metrics of a study; those that its maker did not name have numbers. */
export function metricsOf({
  directions,
  systemNotes,
}: Pick<StudyRecord, 'directions' | 'systemNotes'>): Record<string, Direction> {
  const names =
    (systemNotes[METRIC_NAMES] as string[] | undefined) ?? directions.map((_, index) => `value ${index}`)
  return Object.fromEntries(directions.map((direction, index) => [names[index]!, direction]))
}

export function createTrial(study: number, space: Space, { params, distributions = {} }: Suggestion): Change {
  const parameters = Object.keys(params).map(
    (name) => [name, distributions[name] ?? parameterOf(space[name]!)] as const,
  )
  return {
    op_code: OPERATION.createTrial,
    study_id: study,
    datetime_start: now(),
    state: STATE_NUMBERS.running,
    value: null,
    values: null,
    distributions: Object.fromEntries(
      parameters.map(([name, parameter]) => [name, encodeDistribution(parameter)]),
    ),
    params: Object.fromEntries(
      parameters.map(([name, parameter]) => [name, encodeValue(parameter, params[name]!)]),
    ),
    user_attrs: { owner: owner() },
    system_attrs: {},
    intermediate_values: {},
  }
}

export function setState(trial: number, state: TrialState, values: readonly number[] | null = null): Change {
  const ended = ['complete', 'pruned', 'failed'].includes(state)
  return {
    op_code: OPERATION.setTrialState,
    trial_id: trial,
    state: STATE_NUMBERS[state],
    values,
    ...(state === 'running' && { datetime_start: now() }),
    ...(ended && { datetime_complete: now() }),
  }
}

export function setNotes(trial: number, notes: Readonly<Record<string, unknown>>): Change[] {
  return Object.entries(notes).map(([key, value]) => ({
    op_code: OPERATION.setTrialUserAttribute,
    trial_id: trial,
    user_attr: { [key]: value },
  }))
}

/** A waiting trial goes on in this process. */
export function resume({ id }: Trial, notes: Readonly<Record<string, unknown>> = {}): Change[] {
  return [...setNotes(id, { ...notes, paused: false, owner: owner() }), setState(id, 'running')]
}

/** Whether a running trial's process is known to be gone: one of this machine. */
export function isOrphan({ state, notes }: Trial): boolean {
  if (state !== 'running' || typeof notes.owner !== 'object' || notes.owner === null) return false
  const { pid, host, began } = notes.owner as Partial<ReturnType<typeof owner>>
  if (host !== hostname() || typeof pid !== 'number') return false
  return !isLiving(pid) || (began !== undefined && began !== startOf(pid))
}

function owner() {
  const began = startOf(process.pid)
  return { pid: process.pid, host: hostname(), ...(began !== undefined && { began }) }
}

/** As Python's `datetime.isoformat(timespec='microseconds')` writes it. */
function now(): string {
  return new Date().toISOString().replace('Z', '000+00:00')
}
