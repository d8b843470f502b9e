import { mkdirSync } from 'node:fs'
import type { Outcome, TrialHooks, TrialRequest } from '../executor.js'
import { type Objective, TrialStopped } from '../objective.js'

/** Calls an objective and says how it ended; what it throws is a failed trial. */
export async function runObjective<P>(
  objective: Objective<P>,
  request: TrialRequest<P>,
  hooks: TrialHooks,
): Promise<Outcome> {
  const { number, params, folder, settings } = request
  mkdirSync(folder, { recursive: true })
  let stopped: TrialStopped | undefined
  const stop = (outcome: TrialStopped['outcome']) => {
    stopped = new TrialStopped(outcome)
    throw stopped
  }
  try {
    const result = await objective({
      number,
      params: { ...params },
      folder,
      ...(settings && { settings }),
      signal: hooks.signal,
      async report(step, value) {
        if (hooks.signal.aborted) stop('interrupted')
        const decision = await hooks.report(step, value)
        if (decision === 'prune') stop('pruned')
        if (decision === 'pause') stop('paused')
      },
    })
    return stopped === undefined ? { state: 'complete', result } : { state: stopped.outcome }
  } catch (error) {
    if (stopped !== undefined) return { state: stopped.outcome }
    if (hooks.signal.aborted) return { state: 'interrupted' }
    const { stack, message } = error instanceof Error ? error : { stack: undefined, message: String(error) }
    return { state: 'failed', reason: message, log: (stack ?? message).split('\n').slice(0, 20) }
  }
}
