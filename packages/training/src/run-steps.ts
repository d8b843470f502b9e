import { setImmediate } from 'node:timers/promises'
import type { Callback, StepsResult } from './callback.js'

/** Options of `runSteps`. */
export interface RunStepsArgs {
  /** Number of steps that are finished already: 0, or the step of the loaded checkpoint. */
  from: number
  /** Number of steps that are finished at the end. */
  to: number
  /** Aborting ends the loop after the step that is running, callbacks included. */
  signal?: AbortSignal | undefined
  /** Trains one step; gets its number (from + 1 first) and returns its losses. */
  step: (step: number) => Record<string, number> | Promise<Record<string, number>>
  /** Measures the metrics that callbacks look at, every so many steps and after the last step of the range. */
  validate?: {
    every: number
    run: (step: number) => Record<string, number> | Promise<Record<string, number>>
  }
  /** Called in this order. */
  callbacks?: readonly Callback[]
}

/**
 * Runs training steps `from + 1` to `to` with callbacks around them.
 *
 * What a step, a validation or a callback throws ends the loop and is thrown. The event loop gets a turn after each step,
 * so that Ctrl-C is heard though tfjs computes synchronously.
 *
 * @throws {RangeError} unless 0 <= from <= to and validate.every are whole numbers.
 */
export async function runSteps({
  from,
  to,
  signal,
  step: trainStep,
  validate,
  callbacks = [],
}: RunStepsArgs): Promise<StepsResult> {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from) {
    throw new RangeError(`runSteps: expected whole numbers 0 <= from <= to, got from=${from}, to=${to}.`)
  }
  if (validate && !(Number.isSafeInteger(validate.every) && validate.every > 0)) {
    throw new RangeError(
      `runSteps: expected validate.every to be a whole number from 1, got ${validate.every}.`,
    )
  }
  let stopped: string | undefined
  const stop = (reason: string) => {
    stopped ??= reason
  }
  try {
    for (const callback of callbacks)
      await callback.onStart?.({ from, to, resumesAt: 'step', callbacks, stop })
    let step = from
    while (step < to && stopped === undefined && !signal?.aborted) {
      const losses = await trainStep(step + 1)
      step += 1
      const measures = validate !== undefined && (step % validate.every === 0 || step === to)
      const event = { step, losses, measures, stop }
      for (const callback of callbacks) await callback.onStep?.(event)
      if (measures) {
        const metrics = await validate.run(step)
        for (const callback of callbacks) await callback.onMetrics?.({ step, metrics, stop })
      }
      await setImmediate()
    }
    const result = { step, interrupted: step < to && stopped === undefined, ...(stopped && { stopped }) }
    for (const callback of callbacks) await callback.onEnd?.(result)
    for (const callback of callbacks) await callback.onFinished?.(result)
    return result
  } finally {
    for (const callback of callbacks) callback.dispose?.()
  }
}
