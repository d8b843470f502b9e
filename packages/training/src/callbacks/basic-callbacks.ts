import type { Finding } from '@dlkit/monitors'
import type { Callback, StepEvent } from '../callback.js'
import type { RunFolder } from '../run-folder.js'

/**
 * Runs something every `n` steps, awaits it when it is async, and once more at the end when the last step was none of them: so that a checkpoint is
 * never older than the end of the loop. With `n` = 0 only at the end.
 *
 * @throws {RangeError} when n is no whole number from 0.
 */
export function every(n: number, run: (event: StepEvent) => unknown): Callback {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new RangeError(`every: n must be a whole number from 0, got ${n}.`)
  }
  let pending: StepEvent | undefined
  return {
    async onStep(event) {
      const due = n > 0 && event.step % n === 0
      pending = due ? undefined : event
      if (due) await run(event)
    },
    async onEnd() {
      if (pending !== undefined) await run(pending)
      pending = undefined
    },
  }
}

/**
 * Appends the losses of each `n`-th step, and all metrics of validations and epochs, to `metrics.jsonl`. With `every` = 0
 * metrics alone: reading the loss of each batch of `fit` takes time on a GPU.
 */
export function logMetrics(run: RunFolder, { every: n = 1 }: { every?: number } = {}): Callback {
  const { onStep } = every(n, ({ step, losses }) => run.appendMetrics(step, losses))
  return {
    name: 'logMetrics',
    ...(n > 0 && { onStep }),
    onMetrics: ({ step, metrics }) => run.appendMetrics(step, metrics),
  } as Callback
}

/** What looks at the losses of each step, such as the rules of `@dlkit/monitors`. */
export interface LossObserver {
  observe(step: number, losses: Record<string, number>): readonly Finding[]
}

/** The run has produced NaN or Infinity and was stopped. */
export class NonFiniteLossError extends Error {
  override readonly name = 'NonFiniteLossError'
  readonly finding: Finding

  constructor(finding: Finding) {
    super(`${finding.message} ${finding.remedy}`)
    this.finding = finding
  }
}

/**
 * Stops a run whose loss is NaN or infinite with a {@link NonFiniteLossError}, after its finding was reported. Put it
 * behind `logMetrics` and before what saves checkpoints.
 *
 * `observer` is asked at every step as well and its findings are reported; only a loss that is not finite stops the run.
 */
export function watchLosses({
  observer,
  onFinding,
}: {
  observer?: LossObserver
  onFinding?: (finding: Finding) => void
}): Callback {
  return {
    onStep({ step, losses }) {
      const findings = [...(observer?.observe(step, losses) ?? [])]
      const wrong = Object.entries(losses).find(([, value]) => !Number.isFinite(value))
      let fatal: Finding | undefined
      if (wrong !== undefined) {
        fatal = findings.find(({ severity }) => severity === 'error')
        if (fatal === undefined) {
          fatal = nonFiniteFinding(step, wrong)
          findings.push(fatal)
        }
      }
      for (const finding of findings) onFinding?.(finding)
      if (fatal !== undefined) throw new NonFiniteLossError(fatal)
    },
  }
}

function nonFiniteFinding(step: number, [name, value]: [string, number]): Finding {
  return {
    rule: 'non-finite',
    severity: 'error',
    step,
    where: [name],
    message: `${name} is ${value} at step ${step}.`,
    meaning: 'It spreads to all weights with the next update; nothing is learned after that.',
    remedy:
      'Check the scale of the inputs and the initial weights, then lower the learning rate or clip gradients.',
    practice: 'P9',
  }
}
