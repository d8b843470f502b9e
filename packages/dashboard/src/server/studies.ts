import { statSync } from 'node:fs'
import { parameterImportance, readStudies, type StudyView } from '@dlkit/search'
import { readRegularFile } from '@dlkit/training/files'
import type { Found } from '../runs/find-runs.js'
import type { Study } from '../wire.js'

const JOURNAL_START = '{"op_code"'
const read = new Map<string, { stamp: string; studies: Study[] }>()

/** The studies in those of the files that are journals. Each is read again when it has changed. */
export function studiesIn(files: readonly Found[]): Study[] {
  return files.flatMap((file) => {
    const { mtimeMs, size } = statSync(file.path, { throwIfNoEntry: false }) ?? {}
    const stamp = `${mtimeMs} ${size}`
    let known = read.get(file.path)
    if (known?.stamp !== stamp) {
      known = { stamp, studies: studiesOf(file) }
      read.set(file.path, known)
    }
    return known.studies
  })
}

function studiesOf({ id, name, path }: Found): Study[] {
  try {
    const text = readRegularFile(path).toString()
    return text.startsWith(JOURNAL_START) ? readStudies(text).map((study) => wire(study, id, name)) : []
  } catch {
    return [] // It is being written, or no journal.
  }
}

function wire(study: StudyView, id: string, file: string): Study {
  const { name, metrics, trials } = study
  const parameters = Object.assign({}, ...trials.map(({ distributions }) => distributions))
  return {
    id: `${id} ${name}`,
    name,
    file,
    metrics,
    parameters,
    importance: importanceOf(study),
    trials: trials.map(({ number, state, params, values, notes }) => ({
      number,
      state,
      params,
      values: values?.map((value) => (Number.isFinite(value) ? value : String(value))) ?? [],
      ...(typeof notes.reason === 'string' && { reason: notes.reason }),
    })),
  }
}

/** None before two trials are complete. */
function importanceOf(study: StudyView): Record<string, number> {
  try {
    return parameterImportance(study) as Record<string, number>
  } catch {
    return {}
  }
}
