import { setTimeout as sleep } from 'node:timers/promises'
import type { SSEStreamingApi } from 'hono/streaming'
import type { Run } from '../runs/run.js'
import type { RunsFolder } from '../runs/runs-folder.js'
import type { RowsEvent, RunSummary, SnapshotEvent } from '../wire.js'
import { systemUse } from './system-use.js'

/** Which rows the page has of each run. */
export type Cursor = Map<string, { generation: string; rows: number }>

const PAUSE = 500
/** How long a browser waits before it tries again. */
const RETRY = 1000
const SYSTEM_PAUSE = 2000
const MOST_ROWS = 4000
const MOST_NUMBERS = 250_000
const MOST_POINTS = 1000
const FEWEST_POINTS = 100

export interface RunEventsArgs {
  folder: RunsFolder
  ids: readonly string[]
  /** Factor of the moving average. */
  smoothing: number
  /** Where an earlier stream of the same page ended. */
  cursor: Cursor
}

/**
 * Events of one page: the list of runs when it changes, and of the chosen runs all points once, then the rows that follow.
 * The id of each event with points says what the page has then. A stream that begins with such an id goes on behind it,
 * whatever happened to the connection or the server, so that no point is lost or comes twice.
 */
export class RunEvents {
  readonly #folder: RunsFolder
  readonly #ids: readonly string[]
  readonly #smoothing: number
  readonly #cursor: Cursor
  #list = ''
  #systemAt = Number.NEGATIVE_INFINITY

  constructor({ folder, ids, smoothing, cursor }: RunEventsArgs) {
    this.#folder = folder
    this.#ids = ids
    this.#smoothing = smoothing
    this.#cursor = new Map([...cursor].filter(([id]) => ids.includes(id)))
  }

  async send(stream: SSEStreamingApi, signal: AbortSignal): Promise<void> {
    while (!stream.aborted && !signal.aborted) {
      await this.#sendList(stream)
      for (const id of this.#ids) {
        const run = this.#folder.run(id)
        if (run !== undefined && !stream.aborted) await this.#sendPoints(stream, run)
      }
      await this.#sendSystem(stream)
      await sleep(PAUSE, undefined, { signal }).catch(() => {})
    }
  }

  async #sendList(stream: SSEStreamingApi): Promise<void> {
    const summaries: RunSummary[] = []
    for (const run of this.#folder.runs) summaries.push(await run.summary())
    const data = JSON.stringify(summaries)
    if (data === this.#list) return
    this.#list = data
    await stream.writeSSE({ event: 'runs', data, retry: RETRY })
  }

  async #sendPoints(stream: SSEStreamingApi, run: Run): Promise<void> {
    const { metrics } = run
    await metrics.read()
    const { generation, rows, names } = metrics
    const known = this.#cursor.get(run.id)
    if (known?.generation === generation && known.rows === rows) return
    this.#cursor.set(run.id, { generation, rows })
    const id = formatCursor(this.#cursor)
    if (known?.generation === generation && known.rows < rows && rows - known.rows <= MOST_ROWS) {
      const event: RowsEvent = {
        run: run.id,
        generation,
        from: known.rows,
        rows: metrics.rowsFrom(known.rows),
      }
      await stream.writeSSE({ event: 'rows', data: JSON.stringify(event), id })
      return
    }
    const points = Math.round(MOST_NUMBERS / Math.max(1, this.#ids.length * names.length))
    const args = {
      points: Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, points)),
      smoothing: this.#smoothing,
    }
    const series = names.map((name) => [name, metrics.series(name, args)] as const)
    const event: SnapshotEvent = { run: run.id, generation, rows, metrics: Object.fromEntries(series) }
    await stream.writeSSE({ event: 'snapshot', data: JSON.stringify(event), id })
  }

  async #sendSystem(stream: SSEStreamingApi): Promise<void> {
    const now = performance.now()
    if (now - this.#systemAt < SYSTEM_PAUSE) return
    this.#systemAt = now
    await stream.writeSSE({ event: 'system', data: JSON.stringify(systemUse(this.#folder)) })
  }
}

function formatCursor(cursor: Cursor): string {
  return [...cursor].map(([id, { generation, rows }]) => `${id}:${generation}:${rows}`).join(',')
}

/** What {@link RunEvents} gave as the id of an event; parts that are none are left out. */
export function parseCursor(text = ''): Cursor {
  const entries = text.split(',').flatMap((part): [string, { generation: string; rows: number }][] => {
    const match = /^([0-9a-f]{12}):([0-9a-z-]*):(\d{1,15})$/.exec(part)
    return match ? [[match[1]!, { generation: match[2]!, rows: Number(match[3]) }]] : []
  })
  return new Map(entries)
}
