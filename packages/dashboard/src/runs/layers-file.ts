import type { LayerMap } from '../wire.js'
import { LineReader } from './line-reader.js'
import { parseRow } from './parse-line.js'

/** What heat maps show, by the names that `jsonLinesSink` gives the numbers of a reading. */
const KINDS = {
  gradients: /^gradients\/(.+)\/norm$/,
  activations: /^activations\/(.+)\/std$/,
  updates: /^updates\/(.+)$/,
} as const

export type LayerKind = keyof typeof KINDS

const MOST_COLUMNS = 240

/** Numbers of layers over the steps, from a file of readings. */
export class LayersFile {
  readonly #reader: LineReader
  #rows: { step: number; values: Record<LayerKind, Map<string, number>> }[] = []

  constructor(path: string) {
    this.#reader = new LineReader(path, {
      line: (text) => this.#add(text),
      reset: () => {
        this.#rows = []
      },
    })
  }

  read(): Promise<void> {
    return this.#reader.read()
  }

  #add(text: string): void {
    const row = parseRow(text)
    if (row === undefined) return
    const values = { gradients: new Map(), activations: new Map(), updates: new Map() }
    for (const [name, value] of Object.entries(row.values)) {
      for (const kind of Object.keys(KINDS) as LayerKind[]) {
        const layer = KINDS[kind].exec(name)?.[1]
        if (layer !== undefined) values[kind].set(layer, value)
      }
    }
    if (Object.values(values).some(({ size }) => size > 0)) this.#rows.push({ step: row.step, values })
  }

  /** Layers by steps; of many readings evenly spaced ones, the last included. */
  map(kind: LayerKind): LayerMap {
    const rows = this.#rows.filter(({ values }) => values[kind].size > 0)
    const count = Math.min(MOST_COLUMNS, rows.length)
    const shown = Array.from(
      { length: count },
      (_, index) => rows[Math.round((index * (rows.length - 1)) / Math.max(1, count - 1))]!,
    )
    const layers = [...new Set(shown.flatMap(({ values }) => [...values[kind].keys()]))]
    return {
      steps: shown.map(({ step }) => step),
      layers,
      values: layers.map((layer) => shown.map(({ values }) => wireNumber(values[kind].get(layer)))),
    }
  }
}

export function isLayerKind(kind: string | undefined): kind is LayerKind {
  return kind !== undefined && Object.hasOwn(KINDS, kind)
}

function wireNumber(value: number | undefined): number | string | null {
  if (value === undefined) return null
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : String(value)
}
