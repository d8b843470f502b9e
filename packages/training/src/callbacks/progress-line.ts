import type { Callback, StartEvent } from '../callback.js'
import { formatDuration } from '../format-duration.js'
import { Rate } from '../rate.js'

/** Options of `progress`. */
export interface ProgressArgs {
  /** Where it is shown. Default: standard error. */
  stream?: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>
  /** Also where there is no terminal: a line every ten seconds. Default: on a terminal only. */
  show?: boolean
  /** Names of the numbers that are shown. Default: all losses. */
  losses?: readonly string[]
  /** Milliseconds, for tests. */
  now?: () => number
}

const AFTER = 2_000
const REDRAW_EVERY = 200
const LINE_EVERY = 10_000

/**
 * Shows how far a training is, its losses, and how long it still takes, judged by the last half minute: nothing in the first
 * two seconds, and nothing where there is no terminal unless `show` is true.
 */
export function progress({
  stream = process.stderr,
  show = stream.isTTY === true,
  losses: names,
  now = Date.now,
}: ProgressArgs = {}): Callback {
  const rate = new Rate()
  let range: Pick<StartEvent, 'from' | 'to'> = { from: 0, to: Number.POSITIVE_INFINITY }
  let due = 0
  let drawn = false
  let metrics: Record<string, number> = {}
  const clear = () => {
    if (drawn) stream.write('\r\x1b[K')
    drawn = false
  }
  return {
    name: 'progress',
    onStart({ from, to }) {
      range = { from, to }
      rate.observe(from, now())
      due = now() + AFTER
    },
    onStep(event) {
      const time = now()
      if (!show || time < due) return
      due = time + (stream.isTTY ? REDRAW_EVERY : LINE_EVERY)
      rate.observe(event.step, time)
      const line = lineOf(event.step, range.to, rate, { ...pick(event.losses, names), ...metrics })
      if (stream.isTTY) stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`)
      else stream.write(`${line}\n`)
      drawn = stream.isTTY === true
    },
    onMetrics(event) {
      metrics = Object.fromEntries(Object.entries(event.metrics).filter(([name]) => name.startsWith('val_')))
    },
    dispose: clear,
  }
}

function lineOf(step: number, to: number, rate: Rate, numbers: Record<string, number>): string {
  const left = rate.secondsTo(to)
  const known = Number.isFinite(to)
  return [
    known ? `step ${step}/${to} (${Math.floor((100 * step) / to)} %)` : `step ${step}`,
    ...Object.entries(numbers).map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`),
    ...(known && left !== undefined ? [`${formatDuration(left)} left`] : []),
  ].join(' · ')
}

function pick(losses: Record<string, number>, names?: readonly string[]): Record<string, number> {
  if (names === undefined) return losses
  return Object.fromEntries(names.flatMap((name) => (name in losses ? [[name, losses[name]!]] : [])))
}
