import { setImmediate } from 'node:timers/promises'

/** One finished training step. */
export interface StepEvent {
  /** Number of finished steps, from 1. */
  step: number
  /** What the step returned: losses and other numbers of this step. */
  losses: Record<string, number>
}

/** How a loop ended. */
export interface StepsResult {
  /** Number of finished steps. */
  step: number
  /** True when a signal ended the loop before its last step. */
  interrupted: boolean
}

/** Something that happens around the steps. Each method may be async and is awaited before the next one. */
export interface Callback {
  onStart?(range: { from: number; to: number }): void | Promise<void>
  onStep?(event: StepEvent): void | Promise<void>
  /** After the last step, also when a signal ended the loop; not when a step or a callback has thrown. */
  onEnd?(result: StepsResult): void | Promise<void>
}

export interface RunStepsArgs {
  /** Number of steps that are finished already: 0, or the step of the loaded checkpoint. */
  from: number
  /** Number of steps that are finished at the end. */
  to: number
  /** Aborting ends the loop after the step that is running, callbacks included. */
  signal?: AbortSignal | undefined
  /** Trains one step; gets its number (from + 1 first) and returns its losses. */
  step: (step: number) => Record<string, number> | Promise<Record<string, number>>
  /** Called in this order. */
  callbacks?: readonly Callback[]
}

/**
 * Runs training steps `from + 1` to `to` with callbacks around them.
 *
 * What a step or a callback throws ends the loop and is thrown. The event loop gets a turn after each step, so that
 * Ctrl-C is heard though tfjs computes synchronously.
 */
export async function runSteps({
  from,
  to,
  signal,
  step: trainStep,
  callbacks = [],
}: RunStepsArgs): Promise<StepsResult> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from) {
    throw new RangeError(`runSteps: expected whole numbers 0 <= from <= to, got from=${from}, to=${to}.`)
  }
  for (const callback of callbacks) await callback.onStart?.({ from, to })
  let step = from
  while (step < to && !signal?.aborted) {
    const losses = await trainStep(step + 1)
    step += 1
    for (const callback of callbacks) await callback.onStep?.({ step, losses })
    await setImmediate()
  }
  const result = { step, interrupted: step < to }
  for (const callback of callbacks) await callback.onEnd?.(result)
  return result
}
