import { checkCounts, checkNotNegative, checkPositive } from './check-options.js'
import type { Schedule } from './learning-rate.js'

/** The same rate at each step. */
export function constant(rate: number): Schedule {
  checkNotNegative('constant', { rate })
  return () => rate
}

/** From one rate to another within so many steps, then staying there. */
export interface RampArgs {
  /** Rate at step 0, at least 0. */
  from: number
  /** Rate from step `steps` on, at least 0. Default: 0. */
  to?: number
  /** Steps in between, a whole number of at least 1. */
  steps: number
}

/** In a straight line. */
export function linear(args: RampArgs): Schedule {
  return ramp('linear', args, (share) => 1 - share)
}

/**
 * Half a cosine: `to + (from - to) · (1 + cos(π · step / steps)) / 2`.
 *
 * Loshchilov and Hutter 2017 (arXiv:1608.03983).
 */
export function cosine(args: RampArgs): Schedule {
  return ramp('cosine', args, halfCosine)
}

/** `to + (from - to) · (1 - step / steps)^power`; `power` is above 0, 1 is a straight line. Default: 2. */
export function polynomial({ power = 2, ...args }: RampArgs & { power?: number }): Schedule {
  checkPositive('polynomial', { power })
  return ramp('polynomial', args, (share) => (1 - share) ** power)
}

/**
 * {@link cosine} again and again, each time `growth` times as long: SGDR's warm restarts.
 *
 * Loshchilov and Hutter 2017 (arXiv:1608.03983).
 *
 * @param args.growth a whole number of at least 1. Default: 1.
 */
export function cosineRestarts({ growth = 1, ...args }: RampArgs & { growth?: number }): Schedule {
  checkCounts('cosineRestarts', { growth })
  const { steps } = args
  const once = cosine(args)
  const stretched = (step: number, length: number) => once((step * steps) / length)
  return (step) => {
    if (growth === 1) return once(step % steps)
    let [start, length] = [0, steps]
    while (step >= start + length) [start, length] = [start + length, length * growth]
    return stretched(step - start, length)
  }
}

/** Options of `exponential`. */
export interface ExponentialArgs {
  /** Rate at step 0, at least 0. */
  from: number
  /** Factor for each `steps` steps, above 0. */
  decay: number
  /** A whole number of at least 1. Default: 1. */
  steps?: number
  /** Whether the rate stays the same for `steps` steps at a time. Default: false. */
  staircase?: boolean
}

/** `from · decay^(step / steps)`. */
export function exponential({ from, decay, steps = 1, staircase = false }: ExponentialArgs): Schedule {
  checkNotNegative('exponential', { from })
  checkPositive('exponential', { decay })
  checkCounts('exponential', { steps })
  return (step) => from * decay ** (staircase ? Math.floor(step / steps) : step / steps)
}

/** `peak · min(step / warmup, √(warmup / step))`: the schedule of the first Transformers (arXiv:1706.03762). */
export function inverseSquareRoot({ peak, warmup }: { peak: number; warmup: number }): Schedule {
  checkNotNegative('inverseSquareRoot', { peak })
  checkCounts('inverseSquareRoot', { warmup })
  return (step) => peak * (step < warmup ? step / warmup : Math.sqrt(warmup / step))
}

/** Options of `warmup`. */
export interface WarmupArgs {
  /** Steps in which the rate rises in a straight line, a whole number of at least 1. */
  steps: number
  /** Rate at step 0, at least 0. Default: 0. */
  from?: number
  /** What follows, counted from 0 again; the rate rises to its first. */
  schedule: number | Schedule
}

/** A rising start before another schedule. */
export function warmup({ steps, from = 0, schedule }: WarmupArgs): Schedule {
  const next = typeof schedule === 'number' ? constant(schedule) : schedule
  const rise = linear({ from, to: next(0), steps })
  return (step) => (step < steps ? rise(step) : next(step - steps))
}

/** Options of `oneCycle`. */
export interface OneCycleArgs {
  /** Highest rate, at least 0. */
  peak: number
  /** Steps of the whole cycle, at least 2. */
  steps: number
  /** Share of the steps in which the rate rises, in (0, 1). Default: 0.3. */
  rise?: number
  /** The cycle begins at `peak / startDivisor`; above 0. Default: 25. */
  startDivisor?: number
  /** It ends at `peak / startDivisor / endDivisor`; above 0. Default: 1e4. */
  endDivisor?: number
}

/**
 * One rise and one fall, both along half a cosine, as PyTorch's `OneCycleLR`. The last rate is that of step `steps - 1`,
 * and stays.
 *
 * Smith and Topin 2018 (arXiv:1708.07120).
 *
 * @throws {RangeError} when rise or fall has no step.
 */
export function oneCycle({
  peak,
  steps,
  rise = 0.3,
  startDivisor = 25,
  endDivisor = 1e4,
}: OneCycleArgs): Schedule {
  checkNotNegative('oneCycle', { peak })
  checkCounts('oneCycle', { steps })
  checkPositive('oneCycle', { rise, startDivisor, endDivisor })
  const top = rise * steps - 1
  if (!(top > 0 && rise < 1)) {
    throw new RangeError(
      `oneCycle: expected more than one step of rise and a fall, got rise ${rise} of ${steps} steps. Try 0.3 of more steps.`,
    )
  }
  const start = peak / startDivisor
  const end = start / endDivisor
  const between = (from: number, to: number, share: number) => to + (from - to) * halfCosine(share)
  return (step) => {
    if (step <= top) return between(start, peak, step / top)
    return between(peak, end, Math.min((step - top) / (steps - 1 - top), 1))
  }
}

/** From 1 to 0 for shares from 0 to 1. */
function halfCosine(share: number): number {
  return (1 + Math.cos(Math.PI * share)) / 2
}

function ramp(caller: string, { from, to = 0, steps }: RampArgs, left: (share: number) => number): Schedule {
  checkNotNegative(caller, { from, to })
  checkCounts(caller, { steps })
  return (step) => to + (from - to) * left(Math.min(step / steps, 1))
}
