import type { Action } from './action.js'

export interface StopOnNaNArgs {
  /** Goes back to the last good weights; `true` by default. A function puts back a checkpoint of your own. */
  restore?: boolean | (() => void | Promise<void>)
}

/**
 * Ends the training at NaN or Inf and goes back to the weights of the last reading in which all weights and gradients
 * were finite. What the optimizer remembers (momentum) is not put back: make a new one before going on.
 */
export function stopOnNaN({ restore = true }: StopOnNaNArgs = {}): Action {
  return {
    keepsGoodWeights: restore === true,
    async onFinding(finding, control) {
      if (finding.rule !== 'non-finite' || finding.severity !== 'error') return
      if (restore === true) control.restoreGoodWeights()
      else if (restore) await restore()
      control.stop(finding.message)
    },
  }
}
