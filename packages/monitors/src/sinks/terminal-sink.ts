import { styleText } from 'node:util'
import type { Finding } from '../finding.js'
import { findingText } from './console-sink.js'
import { LatestReading, type LayerRow } from './layer-table.js'
import type { Sink } from './sink.js'

/** What a terminal sink writes to, such as `process.stdout`. */
export interface TerminalStream {
  /** Whether lines can be written over. */
  isTTY?: boolean
  /** Characters of a line. */
  columns?: number
  write(text: string): unknown
}

/** Options of `terminalSink`. */
export interface TerminalSinkArgs {
  /** `process.stdout` by default. */
  stream?: TerminalStream
  /** Rows of the table at most; 20 by default. */
  rows?: number
  /** Milliseconds between two drawings of the table; 200 by default. Findings are written at once. */
  interval?: number
}

/** A table of losses and layers that updates in place, with findings above it. Plain lines where it is piped. */
export function terminalSink({
  stream = process.stdout,
  rows = 20,
  interval = 200,
}: TerminalSinkArgs = {}): Sink {
  const latest = new LatestReading()
  const isTerminal = stream.isTTY === true
  let height = 0
  let drawnAt = Number.NEGATIVE_INFINITY

  const erase = () => {
    if (height > 0) stream.write(`\x1b[${height}A\x1b[0J`)
    height = 0
  }
  const draw = () => {
    erase()
    const width = Math.max(20, stream.columns ?? 80)
    const lines = [latest.summary, ...tableLines(latest.rows.slice(0, rows))].map((line) =>
      line.slice(0, width - 1),
    )
    if (latest.rows.length > rows) lines.push(`… and ${latest.rows.length - rows} more`)
    stream.write(`${lines.join('\n')}\n`)
    height = lines.length
    drawnAt = Date.now()
  }
  return {
    reading(reading) {
      latest.add(reading)
      if (!isTerminal) stream.write(`${latest.summary}\n`)
      else if (Date.now() - drawnAt >= interval) draw()
    },
    finding(finding) {
      erase()
      stream.write(`${isTerminal ? coloured(finding) : findingText(finding)}\n`)
      if (isTerminal) draw()
    },
    close() {
      if (isTerminal) draw()
    },
  }
}

function coloured(finding: Finding): string {
  const colour = { info: 'cyan', warning: 'yellow', error: 'red' } as const
  return styleText(colour[finding.severity], findingText(finding))
}

const HEADER: LayerRow = {
  name: 'kernel',
  gradient: '‖gradient‖',
  update: '‖Δw‖/‖w‖',
  activation: 'output mean ± σ',
  idle: 'idle',
}

function tableLines(rows: readonly LayerRow[]): string[] {
  if (rows.length === 0) return []
  const all = [HEADER, ...rows]
  const keys = ['name', 'gradient', 'update', 'activation', 'idle'] as const
  const widths = keys.map((key) => Math.max(...all.map((row) => row[key].length)))
  return all.map((row) =>
    keys
      .map((key, index) =>
        index === 0 ? row[key].padEnd(widths[index]!) : row[key].padStart(widths[index]!),
      )
      .join('  '),
  )
}
