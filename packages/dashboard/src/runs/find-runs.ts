import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A folder that a training writes, or the journal of a search. */
export interface Found {
  /** Stands for it in addresses, so that these hold no path. */
  id: string
  /** Path in the folder of runs. */
  name: string
  path: string
}

const DEEPEST = 4
const MOST_FOLDERS = 5000
const SKIPPED = new Set(['node_modules', 'checkpoints', 'samples', 'colorized'])
const JOURNAL = /(^|[.-])journal(\.\w+)?$|\.(jsonl|journal|log)$/i

/**
 * Looks for runs and for files that may be journals of searches, four folders deep. Links and hidden folders are not
 * followed, and nothing inside a run is a run.
 */
export function findRuns(root: string): { runs: Found[]; journals: Found[] } {
  const runs: Found[] = []
  const journals: Found[] = []
  let left = MOST_FOLDERS
  const visit = (path: string, parts: string[]) => {
    if (left-- <= 0) return
    const entries = readIfAllowed(path)
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    if (isRun(files)) {
      runs.push(found(path, parts, basename(root)))
      return
    }
    for (const name of files.filter((name) => JOURNAL.test(name)))
      journals.push(found(join(path, name), [...parts, name], basename(root)))
    if (parts.length === DEEPEST) return
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      if (!name.startsWith('.') && !SKIPPED.has(name)) visit(join(path, name), [...parts, name])
    }
  }
  visit(root, [])
  return { runs, journals }
}

function isRun(files: readonly string[]): boolean {
  const has = (name: string) => files.includes(name)
  return has('metrics.jsonl') || has('readings.jsonl') || (has('config.json') && has('environment.json'))
}

function found(path: string, parts: readonly string[], rootName: string): Found {
  const inside = parts.join('/')
  const id = createHash('sha256').update(inside).digest('hex').slice(0, 12)
  return { id, name: inside || rootName, path }
}

function readIfAllowed(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}
