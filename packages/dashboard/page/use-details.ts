import { useEffect, useState } from 'preact/hooks'
import type { RunDetails, RunSummary } from '../src/wire.js'
import { getJson } from './server.js'

/** Details of a run, asked for again when its summary says that they have changed. */
export function useDetails(run: RunSummary | undefined): RunDetails | undefined {
  const [id, version] = [run?.id, run?.version]
  const details = useJson<RunDetails>(id && `/api/runs/${id}`, version)
  return details?.id === id ? details : undefined
}

/** What an address of the server says; asked for again when `version` changes. */
export function useJson<T>(path: string | undefined, version: unknown): T | undefined {
  const [answer, setAnswer] = useState<T>()
  useEffect(() => {
    if (path === undefined) return
    let isWanted = true
    getJson<T>(path).then(
      (value) => isWanted && setAnswer(value),
      () => {}, // The stream says when the connection is lost, and the next version asks again.
    )
    return () => {
      isWanted = false
    }
  }, [path, version])
  return answer
}

/** Details of several runs by their ids. */
export function useAllDetails(runs: readonly RunSummary[]): Map<string, RunDetails> {
  const [all, setAll] = useState(new Map<string, RunDetails>())
  const key = runs.map(({ id, version }) => `${id} ${version}`).join()
  useEffect(() => {
    let isWanted = true
    Promise.all(runs.map(({ id }) => getJson<RunDetails>(`/api/runs/${id}`))).then(
      (details) => isWanted && setAll(new Map(details.map((one) => [one.id, one]))),
      () => {},
    )
    return () => {
      isWanted = false
    }
  }, [key])
  return all
}
