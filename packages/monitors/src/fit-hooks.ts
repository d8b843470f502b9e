import type { Task } from './monitor-args.js'

/** What `fit` tells a monitor besides its steps. */
export interface FitHooks {
  describe(task: Task): void
  begin(): void
  beginBatch(): void
  end(): void
  /** Samples that the losses have seen outside of training since the last call. */
  takeValidationSamples(): number
}
