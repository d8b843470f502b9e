/** A rate that changes from `from` to `to` in a straight line over the first `calls` training calls, then stays. */
export interface RateSchedule {
  from: number
  to: number
  calls: number
}

/** The rate at a training call, counted from 0. */
export function rateAt(rate: number | RateSchedule, call: number): number {
  if (typeof rate === 'number') return rate
  return rate.from + (rate.to - rate.from) * Math.min(call / rate.calls, 1)
}

/** What is wrong with a rate, or undefined. */
export function rateProblem(rate: unknown): string | undefined {
  const isRate = (value: unknown) => typeof value === 'number' && value >= 0 && value < 1
  if (typeof rate !== 'object' || rate === null) {
    return isRate(rate) ? undefined : `expected rate in [0, 1), got ${rate}`
  }
  const { from, to, calls } = rate as Partial<RateSchedule>
  if (isRate(from) && isRate(to) && Number.isSafeInteger(calls) && calls! > 0) return undefined
  return (
    'expected a schedule { from, to, calls } with from and to in [0, 1) and calls an integer >= 1, ' +
    `got { from: ${from}, to: ${to}, calls: ${calls} }`
  )
}
