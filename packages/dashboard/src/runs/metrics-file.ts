import { smoothed, thin } from '../thin.js'
import type { Series } from '../wire.js'
import { GrowingArray } from './growing-array.js'
import { LineReader } from './line-reader.js'
import { parseRow } from './parse-line.js'

/** Values of a metric, and in which rows they stand. */
interface Column {
  rows: GrowingArray
  values: GrowingArray
}

export interface SeriesArgs {
  /** About how many points. */
  points: number
  /** Factor of the moving average, from 0 (none) to below 1. */
  smoothing: number
  /** Steps, both included; all if unset. */
  range?: readonly [from: number, to: number]
}

/** Numbers of single layers are for heat maps. */
const OF_LAYERS = /^(gradients|weights|updates|activations|data)\//

/** Everything in a file of metrics, in columns, read as the file grows. */
export class MetricsFile {
  readonly path: string
  readonly #reader: LineReader
  #columns = new Map<string, Column>()
  #steps = new GrowingArray()
  #times = new GrowingArray()

  constructor(path: string) {
    this.path = path
    this.#reader = new LineReader(path, {
      line: (text) => this.#add(text),
      reset: () => {
        this.#columns = new Map()
        this.#steps = new GrowingArray()
        this.#times = new GrowingArray()
      },
    })
  }

  get generation(): string {
    return this.#reader.generation
  }

  /** Number of rows: lines that hold numbers of a step. */
  get rows(): number {
    return this.#steps.length
  }

  get names(): string[] {
    return [...this.#columns.keys()]
  }

  read(): Promise<void> {
    return this.#reader.read()
  }

  #add(text: string): void {
    const row = parseRow(text)
    if (row === undefined) return
    for (const [name, value] of Object.entries(row.values)) {
      if (OF_LAYERS.test(name)) continue
      let column = this.#columns.get(name)
      if (column === undefined) {
        column = { rows: new GrowingArray(), values: new GrowingArray() }
        this.#columns.set(name, column)
      }
      column.rows.push(this.#steps.length)
      column.values.push(value)
    }
    this.#steps.push(row.step)
    this.#times.push(row.time)
  }

  /** Seconds since the first row. */
  #seconds(row: number): number {
    const times = this.#times.values
    return Math.round((times[row]! - times[0]!) / 100) / 10
  }

  /** A metric with as many points as a chart can show. */
  series(name: string, { points, smoothing, range }: SeriesArgs): Series {
    const column = this.#columns.get(name)
    const series: Series = { steps: [], seconds: [], values: [], smooth: [] }
    if (column === undefined) return series
    const rows = column.rows.values
    const values = column.values.values
    const steps = this.#steps.values
    const stepAt = (index: number) => steps[rows[index]!]!
    const from = range ? firstIndex(rows.length, (index) => stepAt(index) >= range[0]) : 0
    const to = range ? firstIndex(rows.length, (index) => stepAt(index) > range[1]) : rows.length
    const kept = thin(values, points, from, to)
    let average: number | undefined
    let next = 0
    for (const index of kept) {
      for (; smoothing > 0 && next <= index; next++) average = smoothed(average, values[next]!, smoothing)
      series.steps.push(stepAt(index))
      series.seconds.push(this.#seconds(rows[index]!))
      series.values.push(short(values[index]!))
      if (smoothing > 0) series.smooth.push(short(average ?? Number.NaN))
    }
    return series
  }

  /** The rows from one on, as they are. */
  rowsFrom(first: number): [step: number, seconds: number, values: Record<string, number | string>][] {
    const steps = this.#steps.values
    const result = Array.from(
      { length: this.rows - first },
      (_, index): [number, number, Record<string, number | string>] => [
        steps[first + index]!,
        this.#seconds(first + index),
        Object.create(null),
      ],
    )
    for (const [name, { rows, values }] of this.#columns) {
      for (let index = rows.length - 1; index >= 0 && rows.values[index]! >= first; index--) {
        result[rows.values[index]! - first]![2][name] = short(values.values[index]!)
      }
    }
    return result
  }
}

/** Six digits are more than a chart shows. JSON has no NaN and no infinities: they travel as their names. */
function short(value: number): number | string {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value)
}

/** The first index of an ordered list for which `holds` is true. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
