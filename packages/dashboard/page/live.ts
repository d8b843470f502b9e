import { useEffect, useState } from 'preact/hooks'
import type { RowsEvent, RunSummary, SnapshotEvent, SystemUse } from '../src/wire.js'
import { RunPoints } from './points.js'
import { withToken } from './server.js'

export type Connection = 'connecting' | 'live' | 'lost' | 'refused'

const RETRY = 1000
const HISTORY = 150

/** What the stream of the server says, as it is now. */
export class Live {
  connection: Connection = 'connecting'
  runs: RunSummary[] = []
  system: SystemUse[] = []
  readonly points = new Map<string, RunPoints>()
  #source: EventSource | undefined
  #cursor = ''
  #chosen: readonly string[] = []
  #smoothing = 0
  readonly #listeners = new Set<() => void>()
  #isTelling = false

  /** Streams these runs with this smoothing. */
  follow(runs: readonly string[], smoothing: number): void {
    for (const id of this.points.keys()) if (!runs.includes(id)) this.points.delete(id)
    const known = smoothing === this.#smoothing ? [...this.points] : []
    this.#chosen = runs
    this.#smoothing = smoothing
    this.#cursor = known.map(([id, { generation, rows }]) => `${id}:${generation}:${rows}`).join(',')
    this.#open()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #open(): void {
    this.#source?.close()
    const query = new URLSearchParams({
      runs: this.#chosen.join(','),
      smoothing: String(this.#smoothing),
      cursor: this.#cursor,
    })
    const source = new EventSource(withToken(`/api/events?${query}`))
    this.#source = source
    const on = <T>(name: string, handle: (data: T) => void) =>
      source.addEventListener(name, (event) => {
        if (event.lastEventId !== '') this.#cursor = event.lastEventId
        handle(JSON.parse(event.data))
        this.#tell()
      })
    source.onopen = () => this.#connect('live')
    source.onerror = () => {
      this.#connect('lost')
      // The browser itself tries again where it can, and says how far it is; after a refusal it gives up.
      if (source.readyState === EventSource.CLOSED) void this.#reopen(source)
    }
    on<RunSummary[]>('runs', (runs) => {
      this.runs = runs
    })
    on<SystemUse>('system', (use) => {
      this.system = [...this.system.slice(1 - HISTORY), use]
    })
    on<SnapshotEvent>('snapshot', (snapshot) => {
      this.points.set(snapshot.run, new RunPoints(snapshot, this.#smoothing))
    })
    on<RowsEvent>('rows', (rows) => {
      if (this.points.get(rows.run)?.add(rows)) return
      this.points.delete(rows.run)
      this.follow(this.#chosen, this.#smoothing)
    })
  }

  async #reopen(source: EventSource): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, RETRY))
    if (this.#source !== source) return
    const answer = await fetch(withToken('/api/studies')).catch(() => undefined)
    if (answer?.status === 401) this.#connect('refused')
    else this.#open()
  }

  #connect(connection: Connection): void {
    this.connection = connection
    this.#tell()
  }

  /** Once for all events of a frame. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    setTimeout(() => {
      this.#isTelling = false
      for (const listener of this.#listeners) listener()
    }, 30)
  }
}

/** Draws the component again when something new has come. */
export function useLive(live: Live): void {
  const [, draw] = useState(0)
  useEffect(() => live.subscribe(() => draw((count) => count + 1)), [live])
}
