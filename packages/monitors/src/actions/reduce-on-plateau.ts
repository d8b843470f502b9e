import { lossSeries } from '../rules/loss-names.js'
import type { Action } from './action.js'
import { ProgressTracker } from './progress-tracker.js'

/** Options of `reduceOnPlateau`. */
export interface ReduceOnPlateauArgs {
  /** Factor of the learning rate; 0.3 by default. */
  factor?: number
  /** Steps without progress of the smoothed training loss; 1000 by default. */
  patience?: number
  /** Progress is at least this share of the best level; 0.01 by default. */
  minimumProgress?: number
  /** Rates are not lowered below this; 1e-6 by default. */
  minimumRate?: number
}

/**
 * Lowers the learning rate of all attached optimizers when the training loss stops falling.
 *
 * @throws {RangeError} when factor is not between 0 and 1.
 */
export function reduceOnPlateau({
  factor = 0.3,
  patience = 1000,
  minimumProgress = 0.01,
  minimumRate = 1e-6,
}: ReduceOnPlateauArgs = {}): Action {
  if (!(factor > 0 && factor < 1)) {
    throw new RangeError(`reduceOnPlateau: expected factor between 0 and 1, got ${factor}. Try 0.3.`)
  }
  const tracker = new ProgressTracker(minimumProgress)
  return {
    onReading(reading, control) {
      for (const { step, value } of lossSeries(reading)) tracker.add(step, value)
      if (tracker.stepsWithoutProgress < patience) return
      tracker.restart()
      const lowest = Math.min(...Object.values(control.learningRates()))
      if (lowest * factor >= minimumRate) control.scaleLearningRate(factor)
    },
  }
}
