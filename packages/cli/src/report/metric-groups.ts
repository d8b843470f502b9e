import type { Series } from './chart.js'

/** One line of metrics.jsonl. */
export type MetricsRow = { step: number } & Record<string, unknown>

export interface MetricGroup {
  title: string
  logarithmic: boolean
  series: Series[]
}

const kinds = [
  { title: 'Gradients', logarithmic: true, pattern: /gradient|norm/i },
  { title: 'Learning rates', logarithmic: false, pattern: /rate/i },
  { title: 'Losses', logarithmic: false, pattern: /./ },
]
const order = ['Losses', 'Gradients', 'Learning rates']

/** Sorts every number that was recorded into groups that are shown together; the order of the columns stays. */
export function metricGroups(rows: readonly MetricsRow[]): MetricGroup[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  const groups = new Map<string, MetricGroup>()
  for (const name of names) {
    if (name === 'step') continue
    const points = rows.flatMap((row) => {
      const value = number(row[name])
      return value === undefined ? [] : [[row.step, value] as const]
    })
    if (points.length === 0) continue
    const { title, logarithmic } = kinds.find(({ pattern }) => pattern.test(name))!
    const group = groups.get(title) ?? { title, logarithmic, series: [] }
    group.series.push({ name, points })
    groups.set(title, group)
  }
  return order.flatMap((title) => groups.get(title) ?? [])
}

/** JSON has no NaN or infinity: they are written as null or as text, and shown as gaps. */
function number(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === null || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
    ? Number.NaN
    : undefined
}
