import { parseEntry } from './journal/encoding.js'
import { Replay } from './journal/replay.js'
import { metricsOf } from './study-entries.js'
import type { Direction, Trial } from './trial.js'

/** A study of a journal, to look at. */
export interface StudyView {
  readonly name: string
  readonly metrics: Readonly<Record<string, Direction>>
  readonly trials: readonly Trial[]
}

/**
 * The studies in the text of a journal, ours or Optuna's, for whoever only looks: nothing is locked, repaired or made. Lines
 * that are no entries are left out, such as one that is being written.
 */
export function readStudies(text: string): StudyView[] {
  const replay = new Replay()
  for (const line of text.split('\n')) {
    const entry = parseEntry(line)
    if (entry !== undefined) replay.apply(entry)
  }
  return [...replay.studies.values()].map((study) => ({
    name: study.name,
    metrics: metricsOf(study),
    trials: study.trials,
  }))
}
