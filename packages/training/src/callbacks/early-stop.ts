import type { Callback } from '../callback.js'
import type { StatePart } from '../parts/part.js'
import { isBetter, type MetricArgs, modeOf, readMetric } from './metric.js'

/** Options of `earlyStop`. */
export interface EarlyStopArgs extends MetricArgs {
  /** Measurements in a row without progress, from 1. Default: 10. */
  patience?: number
  /** What counts as progress, in units of the metric, at least 0. Default: 0. */
  minimumProgress?: number
}

interface State {
  /** As text where JSON has no number. */
  best: number | string | null
  waited: number
}

/**
 * Ends the training when a metric has stopped getting better. NaN is no progress. Keeps the last weights; see
 * {@link bestWeights} and {@link checkpoint} for the best ones. Put it into the parts of a checkpoint.
 *
 * Prechelt 1998, "Early Stopping – But When?".
 *
 * @throws {RangeError} when patience is no whole number from 1 or minimumProgress is below 0.
 */
export function earlyStop({
  patience = 10,
  minimumProgress = 0,
  ...args
}: EarlyStopArgs): Callback & StatePart & { restore(state: State): void } {
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new RangeError(`earlyStop: expected patience to be a whole number from 1, got ${patience}.`)
  }
  if (!(minimumProgress >= 0)) {
    throw new RangeError(`earlyStop: expected minimumProgress of at least 0, got ${minimumProgress}.`)
  }
  const { metric } = args
  const mode = modeOf(args)
  let best: number | null = null
  let waited = 0
  const reason = () =>
    `${metric} has not been better than ${best ?? 'NaN'} for ${waited} measurements in a row.`
  return {
    name: 'earlyStop',
    /** One that is resumed may have been at its end. */
    onStart({ stop }) {
      if (waited >= patience) stop(reason())
    },
    onMetrics({ metrics, stop }) {
      const value = readMetric('earlyStop', metric, metrics)
      if (isBetter(mode, value, best, minimumProgress)) [best, waited] = [value, 0]
      else if (++waited >= patience) stop(reason())
    },
    state: (): State => ({ best: best === null || Number.isFinite(best) ? best : String(best), waited }),
    restore(state: State) {
      best = state.best === null ? null : Number(state.best)
      waited = state.waited
    },
  }
}
