import type { Action } from './action.js'

/** Options of `stopOnNaN`. */
export interface StopOnNaNArgs {
  /** Goes back to the last finite weights; `true` by default. A function puts back a checkpoint of your own. */
  restore?: boolean | (() => void | Promise<void>)
}

/**
 * Ends the training at NaN or Inf and goes back to the weights after the latest update that left all of them finite, the
 * initial weights included; they are kept at every step, which costs a second copy of them. What the optimizer remembers
 * (momentum) is not put back: make a new one before going on.
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
