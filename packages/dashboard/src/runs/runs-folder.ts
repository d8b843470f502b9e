import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Found, findRuns } from './find-runs.js'
import { Run } from './run.js'

const SCAN_MILLISECONDS = 1000

/** All runs of a folder, and the files that may be journals of searches. Looked for again at most once a second. */
export class RunsFolder {
  readonly path: string
  #runs = new Map<string, Run>()
  #journals = new Map<string, Found>()
  #scanned = Number.NEGATIVE_INFINITY

  constructor(path: string) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(
        `dashboard: expected a folder of runs, got ${path}. Name the folder that trainings write into.`,
      )
    this.path = realpathSync(resolve(path))
  }

  get runs(): readonly Run[] {
    this.#scan()
    return [...this.#runs.values()]
  }

  get journals(): readonly Found[] {
    this.#scan()
    return [...this.#journals.values()]
  }

  run(id: string): Run | undefined {
    this.#scan()
    return this.#runs.get(id)
  }

  journal(id: string): Found | undefined {
    this.#scan()
    return this.#journals.get(id)
  }

  #scan(): void {
    const now = performance.now()
    if (now - this.#scanned < SCAN_MILLISECONDS) return
    this.#scanned = now
    const { runs, journals } = findRuns(this.path)
    this.#runs = new Map(runs.map((found) => [found.id, this.#runs.get(found.id) ?? new Run(found)]))
    this.#journals = new Map(journals.map((found) => [found.id, found]))
  }
}
