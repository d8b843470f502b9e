import { checkCounts, checkNotNegative, checkPositive } from './check-options.js'
import type { Schedule } from './learning-rate.js'

/** Options of `reduceOnPlateau`. */
export interface ReduceOnPlateauArgs {
  /** First rate, at least 0. */
  from: number
  /** Factor at each plateau, in (0, 1). Default: 0.1. */
  factor?: number
  /** Observations without progress that are borne; the next one lowers the rate. Default: 10. */
  patience?: number
  /** Progress is at least this share of the best value, at least 0. Default: 1e-4. */
  minimumProgress?: number
  /** Observations after a lowering that do not count, at least 0. Default: 0. */
  cooldown?: number
  /** Rates do not go below this, at least 0. Default: 0. */
  minimumRate?: number
  /** `'max'` for values that should rise, such as accuracy. Default: `'min'`. */
  mode?: 'min' | 'max'
}

/** What a {@link PlateauSchedule} has seen; plain JSON, for a checkpoint. */
export interface PlateauState {
  rate: number
  best: number | null
  waited: number
  resting: number
}

/** A schedule that is told how the training goes. */
export interface PlateauSchedule extends Schedule {
  /** Takes in a value, most often the validation loss after an epoch. NaN is no progress. */
  observe(value: number): void
  state(): PlateauState
  load(state: PlateauState): void
}

/**
 * Lowers the rate when an observed value stops getting better, as PyTorch's `ReduceLROnPlateau`. The value comes from you:
 * `schedule.observe(loss)`. `schedule.state()` belongs into the checkpoint.
 *
 * @throws {RangeError} when factor is not between 0 and 1.
 */
export function reduceOnPlateau({
  from,
  factor = 0.1,
  patience = 10,
  minimumProgress = 1e-4,
  cooldown = 0,
  minimumRate = 0,
  mode = 'min',
}: ReduceOnPlateauArgs): PlateauSchedule {
  checkNotNegative('reduceOnPlateau', { from, patience, minimumProgress, cooldown, minimumRate })
  checkPositive('reduceOnPlateau', { factor })
  checkCounts('reduceOnPlateau', { 'patience + 1': patience + 1, 'cooldown + 1': cooldown + 1 })
  if (factor >= 1) throw new RangeError(`reduceOnPlateau: expected factor in (0, 1), got ${factor}.`)
  let state: PlateauState = { rate: from, best: null, waited: 0, resting: 0 }
  const isBetter = (value: number, best: number) => {
    const margin = minimumProgress * Math.abs(best)
    return mode === 'min' ? value < best - margin : value > best + margin
  }
  const observe = (value: number) => {
    let { rate, best, waited, resting } = state
    if (best === null ? !Number.isNaN(value) : isBetter(value, best)) [best, waited] = [value, 0]
    else waited++
    if (resting > 0) [resting, waited] = [resting - 1, 0]
    if (waited > patience)
      [rate, resting, waited] = [Math.max(rate * factor, Math.min(minimumRate, rate)), cooldown, 0]
    state = { rate, best, waited, resting }
  }
  const load = (saved: PlateauState) => {
    state = { ...saved }
  }
  return Object.assign(() => state.rate, { observe, state: () => ({ ...state }), load })
}
