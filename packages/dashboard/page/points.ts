import { smoothed, thin } from '../src/thin.js'
import type { RowsEvent, Series, SnapshotEvent, WireNumber } from '../src/wire.js'

/** Points of one metric of one run. */
export interface Points {
  /** Of this list; points are only added to it. */
  id: number
  steps: number[]
  seconds: number[]
  values: number[]
  /** Empty without smoothing. */
  smooth: number[]
}

const MOST_POINTS = 4000
let nextId = 0

/** What the page has of a run: thinned points up to a row, then every one. */
export class RunPoints {
  readonly generation: string
  rows: number
  readonly metrics = new Map<string, Points>()
  readonly #smoothing: number

  constructor({ generation, rows, metrics }: SnapshotEvent, smoothing: number) {
    this.generation = generation
    this.rows = rows
    this.#smoothing = smoothing
    for (const [name, series] of Object.entries(metrics)) this.metrics.set(name, pointsOf(series))
  }

  /** Adds rows that follow; returns false for others, which would be lost or there twice. */
  add({ generation, from, rows }: RowsEvent): boolean {
    if (generation !== this.generation || from !== this.rows) return false
    for (const [step, seconds, values] of rows) {
      for (const [name, value] of Object.entries(values)) this.#push(name, step, seconds, Number(value))
    }
    this.rows += rows.length
    for (const [name, points] of this.metrics)
      if (points.values.length > MOST_POINTS) this.metrics.set(name, thinned(points))
    return true
  }

  #push(name: string, step: number, seconds: number, value: number): void {
    let points = this.metrics.get(name)
    if (points === undefined) {
      points = { id: nextId++, steps: [], seconds: [], values: [], smooth: [] }
      this.metrics.set(name, points)
    }
    points.steps.push(step)
    points.seconds.push(seconds)
    points.values.push(value)
    if (this.#smoothing > 0) {
      const last = points.smooth.at(-1)
      const average = Number.isFinite(last) ? last : undefined
      points.smooth.push(smoothed(average, value, this.#smoothing) ?? Number.NaN)
    }
  }
}

export function pointsOf({ steps, seconds, values, smooth }: Series): Points {
  const numbers = (list: readonly WireNumber[]) => list.map(Number)
  return { id: nextId++, steps, seconds, values: numbers(values), smooth: numbers(smooth) }
}

function thinned({ steps, seconds, values, smooth }: Points): Points {
  const kept = thin(values, MOST_POINTS / 2)
  const pick = (list: readonly number[]) => kept.map((index) => list[index]!)
  return {
    id: nextId++,
    steps: pick(steps),
    seconds: pick(seconds),
    values: pick(values),
    smooth: smooth.length > 0 ? pick(smooth) : [],
  }
}
