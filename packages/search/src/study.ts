import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { checkKeys } from './check-keys.js'
import { type Entry, OPERATION } from './journal/entries.js'
import { JournalError, JournalFile } from './journal/journal-file.js'
import { isEnded, Replay, type StudyRecord } from './journal/replay.js'
import { paretoFront } from './pareto.js'
import type { Decision, Pruner } from './pruner.js'
import type { Sampler } from './sampler.js'
import { checkSpace, type ParamsOf, type Space } from './space.js'
import {
  type Change,
  checkSameStudy,
  createStudy,
  createTrial,
  isOrphan,
  nameStudy,
  resume,
  setNotes,
  setState,
} from './study-entries.js'
import { type Direction, lossOf, type Trial } from './trial.js'
import { valuesOf } from './values-of.js'

/** Options of `openStudy`. */
export interface StudyOptions<S extends Space> {
  /** The journal; made if it is not there. Several studies, processes and Optuna may share it. */
  path: string
  /** The study in the journal, made or continued; `'search'` if unset. */
  name?: string
  space: S
  /** The metrics by name; the first one is what trials report and pruners judge. */
  metrics: Readonly<Record<string, Direction>>
  sampler: Sampler
  /** Ends or pauses trials early. Default: none. */
  pruner?: Pruner
  /** Told what was dropped from a journal that a crash cut; `console.warn` if unset. */
  onRepair?: (message: string) => void
}

const OPTIONS = ['path', 'name', 'space', 'metrics', 'sampler', 'pruner', 'onRepair']

/**
 * Opens a study, or makes it. Throws a {@link JournalError} if the study was made with other metrics, or with parameters
 * of another kind; ranges may change.
 *
 * @throws {RangeError} without a metric, or for another direction than minimize and maximize.
 */
export async function openStudy<const S extends Space>(options: StudyOptions<S>): Promise<Study<S>> {
  checkKeys('openStudy', options, OPTIONS)
  checkSpace(options.space)
  const directions = Object.entries(options.metrics)
  if (directions.length === 0)
    throw new RangeError(
      "openStudy: expected at least one metric, got none. Add one, e.g. { loss: 'minimize' }.",
    )
  for (const [name, direction] of directions) {
    if (direction !== 'minimize' && direction !== 'maximize')
      throw new RangeError(
        `openStudy: expected ${name} to be 'minimize' or 'maximize', got ${String(direction)}.`,
      )
  }
  const study = new Study(options)
  await study.prepare()
  return study
}

/** A search and its trials, kept in a journal that Optuna and optuna-dashboard read. Made by {@link openStudy}. */
export class Study<S extends Space = Space> {
  readonly path: string
  readonly name: string
  readonly space: S
  readonly metrics: Readonly<Record<string, Direction>>
  readonly #sampler: Sampler
  readonly #pruner: Pruner | undefined
  readonly #journal: JournalFile
  readonly #replay = new Replay()
  readonly #worker = `${randomUUID()}-0`

  constructor({
    path,
    name = 'search',
    space,
    metrics,
    sampler,
    pruner,
    onRepair = console.warn,
  }: StudyOptions<S>) {
    this.path = resolve(path)
    this.name = name
    this.space = space
    this.metrics = metrics
    this.#sampler = sampler
    this.#pruner = pruner
    this.#journal = new JournalFile(this.path, onRepair)
  }

  /** Names the study among all of all journals. */
  get id(): string {
    return this.#record.notes.id as string
  }

  /** All trials by number, as of the last call of a method. */
  get trials(): readonly Trial<ParamsOf<S>>[] {
    return this.#record.trials as unknown as Trial<ParamsOf<S>>[]
  }

  /** The complete trial with the best first metric. */
  get best(): Trial<ParamsOf<S>> | undefined {
    const [direction] = this.#directions
    const complete = this.trials.filter(({ state }) => state === 'complete')
    const loss = ({ values }: Trial<ParamsOf<S>>) => lossOf(values![0]!, direction!)
    return complete.length === 0 ? undefined : complete.reduce((a, b) => (loss(b) < loss(a) ? b : a))
  }

  /** The complete trials that no other beats in one metric without losing in another. */
  get front(): Trial<ParamsOf<S>>[] {
    return paretoFront(this.trials, this.#directions)
  }

  /** Makes the study unless the journal has it; then it has to be the same. */
  async prepare(): Promise<void> {
    await this.#write(() => {
      const found = this.#replay.find(this.name)
      if (found === undefined) return createStudy(this.#replay.nextStudyId, this.name, this.metrics)
      checkSameStudy(found, this)
      return found.notes.id === undefined ? [nameStudy(found.id)] : []
    })
  }

  /** Reads what other processes wrote. */
  async refresh(): Promise<void> {
    await this.#transact(() => [])
  }

  /**
   * The next trial, noted as running: one that was interrupted, one that deserves to be resumed, or a new one up to `limit`
   * trials in all. `'wait'`: running trials have to end first. `'done'`: there is nothing to do.
   */
  async ask(limit = Number.POSITIVE_INFINITY): Promise<Trial<ParamsOf<S>> | 'wait' | 'done'> {
    let answer: number | 'wait' | 'done' = 'done'
    await this.#transact((record) => {
      const { trials } = record
      const [direction] = record.directions
      const orphan = trials.find(isOrphan)
      if (orphan !== undefined) {
        answer = orphan.number
        return [setState(orphan.id, 'waiting'), ...resume(orphan)]
      }
      const interrupted = trials.find(
        ({ state, notes, params }) =>
          state === 'waiting' && notes.paused !== true && Object.keys(params).length > 0,
      )
      const next = interrupted
        ? { trial: interrupted, notes: {} }
        : this.#pruner?.resumable?.(trials, direction!)
      if (next !== undefined) {
        answer = next.trial.number
        return resume(next.trial, next.notes)
      }
      const suggestion =
        trials.length >= limit
          ? 'done'
          : this.#sampler.suggest({ space: this.space, directions: record.directions, trials })
      if (typeof suggestion === 'string') {
        const mayChange = suggestion === 'wait' || this.#pruner?.resumable !== undefined
        answer = mayChange && trials.some(({ state }) => state === 'running') ? 'wait' : 'done'
        return []
      }
      answer = trials.length
      return [createTrial(record.id, this.space, suggestion)]
    })
    return typeof answer === 'number' ? this.trials[answer]! : answer
  }

  /** Notes a value of the first metric and says whether the trial goes on. An ended trial, as one that
   * was stopped in Optuna, is to stop. */
  async report(number: number, step: number, value: number): Promise<Decision> {
    if (!Number.isSafeInteger(step) || step < 0)
      throw new RangeError(
        `report: expected step to be a whole number from 0 up, got ${step}. Count steps or epochs.`,
      )
    if (typeof value !== 'number')
      throw new TypeError(
        `report: expected a number at step ${step}, got ${typeof value}. Report the first metric.`,
      )
    await this.#transact(() => [
      {
        op_code: OPERATION.setTrialReport,
        trial_id: this.#trial(number).id,
        step,
        intermediate_value: value,
      },
    ])
    const trial = this.#trial(number)
    if (isEnded(trial.state)) return 'prune'
    return this.#pruner?.decide(trial, step, this.#record.trials, this.#directions[0]!) ?? 'continue'
  }

  /**
   * Ends a trial with what its objective returned: the metric, or all of them by name. A result that is none – NaN, a
   * missing or unknown name – makes it a failed trial that says so.
   */
  async complete(number: number, result: unknown): Promise<void> {
    const values = valuesOf(result, Object.keys(this.metrics))
    if (typeof values === 'string') return this.fail(number, values)
    await this.#change(number, (id) => [setState(id, 'complete', values)])
  }

  /** Ends a trial that failed, with the last lines of its log. */
  async fail(number: number, reason: string, log: readonly string[] = []): Promise<void> {
    await this.#change(number, (id) => [...setNotes(id, { reason, log }), setState(id, 'failed')])
  }

  /** Ends a trial before its time; Optuna takes its last report as its value. */
  async prune(number: number): Promise<void> {
    const { reports } = this.#trial(number)
    const last = reports.get(Math.max(...reports.keys()))
    const values = last === undefined || Number.isNaN(last) || this.#directions.length > 1 ? null : [last]
    await this.#change(number, (id) => [setState(id, 'pruned', values)])
  }

  /** Leaves a trial at its checkpoint until it deserves to go on. */
  async pause(number: number): Promise<void> {
    await this.#change(number, (id) => [...setNotes(id, { paused: true }), setState(id, 'waiting')])
  }

  /** Leaves a trial at its checkpoint; the next `ask`, also of another process, goes on with it. */
  async interrupt(number: number): Promise<void> {
    await this.#change(number, (id) => [setState(id, 'waiting')])
  }

  get #record(): StudyRecord {
    const found = this.#replay.find(this.name)
    if (found === undefined)
      throw new JournalError(`journal: the study ${this.name} was deleted from ${this.path}.`)
    return found
  }

  get #directions(): readonly Direction[] {
    return Object.values(this.metrics)
  }

  #trial(number: number): Trial {
    const trial = this.#record.trials[number]
    if (trial === undefined)
      throw new RangeError(`study: expected a trial of ${this.name}, got number ${number}.`)
    return trial
  }

  /** What has ended stays as it is. */
  async #change(number: number, changes: (id: number) => Change[]): Promise<void> {
    await this.#transact(() => {
      const { id, state } = this.#trial(number)
      return isEnded(state) ? [] : changes(id)
    })
  }

  async #transact(decide: (record: StudyRecord) => readonly Change[]): Promise<void> {
    await this.#write(() => decide(this.#record))
  }

  async #write(decide: () => readonly Change[]): Promise<void> {
    await this.#journal.transact(
      (entries) => {
        for (const entry of entries) this.#replay.apply(entry)
      },
      () =>
        decide().map(({ op_code, ...fields }): Entry => ({ op_code, worker_id: this.#worker, ...fields })),
    )
  }
}
