/** One finished training step. */
export interface StepEvent {
  /** Number of finished steps, from 1. */
  step: number
  /** What the step returned: losses and other numbers of this step. */
  losses: Record<string, number>
  /** Whether the metrics of a validation after this step follow. In `fit` they come unannounced. */
  measures: boolean
  /** Ends the training after this step, for a reason in words. */
  stop(reason: string): void
}

/** Metrics of a validation, or of an epoch of `fit`. */
export interface MetricsEvent {
  /** Number of finished steps. */
  step: number
  /** Number of finished epochs, in `fit`. */
  epoch?: number
  metrics: Record<string, number>
  /** Ends the training, for a reason in words. */
  stop(reason: string): void
}

/** What callbacks are told before the first step. */
export interface StartEvent {
  /** Number of steps that are finished already. */
  from: number
  /** Number of steps that are finished at the end; infinite where that is not known. */
  to: number
  /** Where this loop can be continued: after any step, or, `fit`, between epochs. */
  resumesAt: 'step' | 'epoch'
  /** All callbacks, in the order in which they are called. */
  callbacks: readonly Callback[]
  /** Ends the training before its first step, for a reason in words. */
  stop(reason: string): void
}

/** How a loop ended. */
export interface StepsResult {
  /** Number of finished steps. */
  step: number
  /** True when a signal ended the loop before its last step. */
  interrupted: boolean
  /** Why a callback has ended it. */
  stopped?: string
}

/** Something that happens around the steps. Each method may be async and is awaited before the next one. */
export interface Callback {
  /** For messages. */
  readonly name?: string
  /** Before the first step. */
  onStart?(event: StartEvent): void | Promise<void>
  /** After each step. */
  onStep?(event: StepEvent): void | Promise<void>
  /** After `onStep` of all callbacks. */
  onMetrics?(event: MetricsEvent): void | Promise<void>
  /** After the last step, also when a signal or a callback ended the loop; not when something has thrown. */
  onEnd?(result: StepsResult): void | Promise<void>
  /** After `onEnd` of all callbacks, for what changes the weights when the training is over. */
  onFinished?(result: StepsResult): void | Promise<void>
  /** Last, in any case. */
  dispose?(): void
  /** What it remembers, as plain JSON: such a callback is a part of a checkpoint, and has `load` or `restore`. */
  state?(): unknown
}
