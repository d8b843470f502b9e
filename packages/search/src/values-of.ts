/** The values of what an objective returned, in the order of the metrics, or why it is none. */
export function valuesOf(result: unknown, metrics: readonly string[]): number[] | string {
  const named = typeof result === 'number' && metrics.length === 1 ? { [metrics[0]!]: result } : result
  const expected = `expected ${metrics.length === 1 ? 'a number or ' : ''}{ ${metrics.join(', ')} }`
  if (typeof named !== 'object' || named === null)
    return `the objective returned ${String(result)}; ${expected}. Return the metrics.`
  const values = named as Record<string, unknown>
  const unknown = Object.keys(values).filter((name) => !metrics.includes(name))
  if (unknown.length > 0)
    return `the objective returned ${unknown.join(', ')}; ${expected}. Name it in metrics.`
  for (const name of metrics) {
    const value = values[name]
    if (typeof value !== 'number') return `the objective returned ${name} = ${String(value)}; ${expected}.`
    if (Number.isNaN(value))
      return `the objective returned ${name} = NaN. The training diverged, or the metric divides by 0.`
  }
  return metrics.map((name) => values[name] as number)
}
