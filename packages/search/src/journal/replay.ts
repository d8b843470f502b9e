import type { ChoiceValue, Parameter } from '../space.js'
import type { Direction, Trial, TrialState } from '../trial.js'
import { decodeDistribution, decodeValue, incompatibility } from './distribution.js'
import { type Entry, OPERATION, STATES } from './entries.js'

/** A study of the journal. */
export interface StudyRecord {
  readonly id: number
  readonly name: string
  readonly directions: readonly Direction[]
  readonly notes: Record<string, unknown>
  readonly systemNotes: Record<string, unknown>
  readonly trials: Trial[]
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] }
type OpenTrial = Open<Trial> & {
  params: Record<string, ChoiceValue>
  distributions: Record<string, Parameter>
  reports: Map<number, number>
  notes: Record<string, unknown>
}

/** The studies and trials that a journal describes. Entries that Optuna ignores are ignored: changes of ended trials. */
export class Replay {
  readonly studies = new Map<number, StudyRecord>()
  readonly #trials: { trial: OpenTrial; study: StudyRecord }[] = []
  #studyCount = 0

  /** The id that the next study will get. */
  get nextStudyId(): number {
    return this.#studyCount
  }

  find(name: string): StudyRecord | undefined {
    return [...this.studies.values()].find((study) => study.name === name)
  }

  apply(entry: Entry): void {
    switch (entry.op_code) {
      case OPERATION.createStudy:
        this.#createStudy(entry)
        return
      case OPERATION.deleteStudy:
        this.studies.delete(entry.study_id as number)
        return
      case OPERATION.setStudyUserAttribute:
        Object.assign(this.studies.get(entry.study_id as number)?.notes ?? {}, entry.user_attr)
        return
      case OPERATION.setStudySystemAttribute:
        Object.assign(this.studies.get(entry.study_id as number)?.systemNotes ?? {}, entry.system_attr)
        return
      case OPERATION.createTrial:
        this.#createTrial(entry)
        return
      default:
        this.#changeTrial(entry)
    }
  }

  #createStudy({ study_name, directions }: Entry): void {
    const name = study_name as string
    if (this.find(name) !== undefined) return
    const id = this.#studyCount++
    const directed = (directions as number[]).map((number) => (number === 2 ? 'maximize' : 'minimize'))
    this.studies.set(id, { id, name, directions: directed, notes: {}, systemNotes: {}, trials: [] })
  }

  #createTrial(entry: Entry): void {
    const study = this.studies.get(entry.study_id as number)
    if (study === undefined) return
    const distributions = mapValues(record<string>(entry.distributions), decodeDistribution)
    const reports = Object.entries(record<number>(entry.intermediate_values))
    const value = (entry.values ??
      (entry.value === null || entry.value === undefined ? undefined : [entry.value])) as number[] | undefined
    const trial: OpenTrial = {
      id: this.#trials.length,
      number: study.trials.length,
      state: STATES[(entry.state as number | undefined) ?? 0]!,
      distributions,
      params: mapValues(record<number>(entry.params), (stored, name) =>
        decodeValue(distributions[name]!, stored),
      ),
      values: value,
      reports: new Map(reports.map(([step, reported]) => [Number(step), reported])),
      notes: { ...record<unknown>(entry.user_attrs) },
      started: dateOf(entry.datetime_start),
      ended: dateOf(entry.datetime_complete),
    }
    this.#trials.push({ trial, study })
    study.trials.push(trial)
  }

  #changeTrial(entry: Entry): void {
    const { trial, study } = this.#trials[entry.trial_id as number] ?? {}
    if (trial === undefined || study === undefined || isEnded(trial.state)) return
    switch (entry.op_code) {
      case OPERATION.setTrialParameter: {
        const name = entry.param_name as string
        const parameter = decodeDistribution(entry.distribution as string)
        const before = study.trials.find(({ distributions }) => name in distributions)?.distributions[name]
        if (before !== undefined && incompatibility(before, parameter) !== undefined) return
        trial.params[name] = decodeValue(parameter, entry.param_value_internal as number)
        trial.distributions[name] = parameter
        return
      }
      case OPERATION.setTrialState: {
        const state = STATES[entry.state as number]!
        if (state === 'running' && trial.state === 'running') return
        trial.state = state
        if (state === 'running') trial.started = dateOf(entry.datetime_start)
        if (isEnded(state)) trial.ended = dateOf(entry.datetime_complete)
        if (entry.values !== null && entry.values !== undefined) trial.values = entry.values as number[]
        return
      }
      case OPERATION.setTrialReport:
        trial.reports.set(entry.step as number, entry.intermediate_value as number)
        return
      case OPERATION.setTrialUserAttribute:
        Object.assign(trial.notes, entry.user_attr)
    }
  }
}

export function isEnded(state: TrialState): boolean {
  return state !== 'running' && state !== 'waiting'
}

function record<T>(value: unknown): Record<string, T> {
  return (value ?? {}) as Record<string, T>
}

function mapValues<T, R>(
  values: Record<string, T>,
  change: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]))
}

/** Python writes microseconds and `+00:00`. */
function dateOf(value: unknown): Date | undefined {
  return typeof value === 'string' ? new Date(value) : undefined
}
