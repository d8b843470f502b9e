import type { Finding } from '../finding.js'
import type { Reading } from '../reading.js'

/** What an action may do to a training. */
export interface Control {
  readonly step: number
  /** Ends `fit` after this batch; other loops look at `monitor.stopped`. */
  stop(reason: string): void
  /** Rate of each attached optimizer by network. */
  learningRates(): Record<string, number>
  /** Multiplies the rate of all attached optimizers. */
  scaleLearningRate(factor: number): void
  /** Puts back the weights after the latest update that left all of them finite; false if none were kept. */
  restoreGoodWeights(): boolean
  /** A copy of all weights as they are now, to go back to. */
  copyWeights(): WeightCopy
}

/** A copy of all weights as they were at a step. */
export interface WeightCopy {
  readonly step: number
  /** Writes the weights back; the copy stays usable. */
  restore(): void
  dispose(): void
}

/** Something that happens because of what was seen. Opt-in: pass it in `actions`. */
export interface Action {
  /** The monitor keeps a copy of the weights for `restoreGoodWeights`. */
  readonly keepsGoodWeights?: boolean
  /** When a rule has found something. */
  onFinding?(finding: Finding, control: Control): void | Promise<void>
  /** After each reading and its findings. */
  onReading?(reading: Reading, control: Control): void | Promise<void>
  /** When the monitor is disposed. */
  dispose?(): void
}
