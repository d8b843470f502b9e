import type { Action, WeightCopy } from './action.js'

/** Options of `earlyStop`. */
export interface EarlyStopArgs {
  /** Validations in a row without a better loss; 10 by default. */
  patience?: number
  /** A loss is better when it is lower by at least this share; 0 by default. */
  minimumProgress?: number
  /** Puts the weights of the best validation back; `true` by default. */
  restoreBest?: boolean
}

/**
 * Ends the training when the validation loss stops falling. Keeping several checkpoints and choosing among them
 * afterwards is the better practice where there is room for them.
 *
 * @throws {RangeError} when patience is no positive integer.
 */
export function earlyStop({
  patience = 10,
  minimumProgress = 0,
  restoreBest = true,
}: EarlyStopArgs = {}): Action {
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new RangeError(`earlyStop: expected patience to be a positive integer, got ${patience}. Try 10.`)
  }
  let best = Number.POSITIVE_INFINITY
  let waited = 0
  let weights: WeightCopy | undefined
  return {
    onReading({ validation }, control) {
      if (!validation) return
      if (validation.loss < best - minimumProgress * Math.abs(best === Infinity ? 0 : best)) {
        best = validation.loss
        waited = 0
        weights?.dispose()
        weights = restoreBest ? control.copyWeights() : undefined
      } else if (++waited >= patience) {
        weights?.restore()
        const back = weights ? `; the weights are those of step ${weights.step}` : ''
        control.stop(`The validation loss has not been below ${best} for ${patience} validations${back}.`)
      }
    },
    dispose() {
      weights?.dispose()
      weights = undefined
    },
  }
}
