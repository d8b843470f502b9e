import type { MetricsLine } from '@dlkit/training'
import type { Series } from './chart.js'

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

/** Sorts everything that was recorded into groups that are shown together; names keep their order. */
export function metricGroups(lines: readonly Pick<MetricsLine, 'step' | 'values'>[]): MetricGroup[] {
  const names = new Set(lines.flatMap(({ values }) => Object.keys(values)))
  const groups = new Map<string, MetricGroup>()
  for (const name of names) {
    const points = lines.flatMap(({ step, values }) => {
      const value = values[name]
      return value === undefined ? [] : [[step, value] as const]
    })
    const { title, logarithmic } = kinds.find(({ pattern }) => pattern.test(name)) ?? kinds[2]!
    const group = groups.get(title) ?? { title, logarithmic, series: [] }
    group.series.push({ name, points })
    groups.set(title, group)
  }
  return order.flatMap((title) => groups.get(title) ?? [])
}
