import { batchIndependence } from './batch-independence.js'
import type { CheckResult } from './check-result.js'
import type { Check } from './define-check.js'
import { determinism } from './determinism.js'
import { gradientCheck } from './gradient-check.js'
import { gradientReaches } from './gradient-reaches.js'
import { initialLoss } from './initial-loss.js'
import { initialization } from './initialization.js'
import { inputImportance } from './input-importance.js'
import { inputs } from './inputs.js'
import { labelShuffling } from './label-shuffling.js'
import { leaks } from './leaks.js'
import { learningRateRangeTest } from './learning-rate-range-test.js'
import { overfitTinySet } from './overfit-tiny-set.js'
import type { Subject } from './player.js'
import type { CheckData } from './samples.js'
import { saveLoad } from './save-load.js'
import { type CheckOptions, checkOptions, Session } from './session.js'
import { shapes } from './shapes.js'
import { splits } from './splits.js'
import { targets } from './targets.js'
import { trainEval } from './train-eval.js'

/** In the order in which faults hide each other. */
const looking: readonly Check[] = [
  inputs,
  targets,
  splits,
  shapes,
  initialization,
  initialLoss,
  gradientReaches,
  determinism,
  trainEval,
  gradientCheck,
  batchIndependence,
  leaks,
  saveLoad,
]
/** Where one of these fails, nothing else means anything. */
const first: readonly string[] = [inputs.check, shapes.check]
const training: readonly Check[] = [overfitTinySet, learningRateRangeTest, labelShuffling, inputImportance]

/** Which check is running, of how many. */
export interface PreflightProgress {
  /** Name of the check that runs. */
  check: string
  /** Checks that have ended. */
  done: number
  /** Checks in all. */
  total: number
  /** Share of the running check, 0 to 1. */
  share: number
}

/** Options of `preflight`. */
export interface PreflightOptions extends Omit<CheckOptions, 'onProgress' | 'steps'> {
  /** Names of checks to leave out. */
  skip?: readonly string[]
  /** Told before each check, and while it goes on. */
  onProgress?: (progress: PreflightProgress) => void
  /** Called with each result as it is there. */
  onResult?: (result: CheckResult) => void
}

/** The results of all checks, and whether none of them failed. */
export interface PreflightReport {
  /** No check failed. */
  passed: boolean
  results: CheckResult[]
}

/**
 * Runs all checks. Those that train are left out after a failure: first things first. Model, optimizers and random
 * numbers are left as they were.
 *
 * @throws TypeError for unknown options and for what is no model, player or data.
 */
export async function preflight(
  model: Subject,
  data: CheckData,
  options: PreflightOptions = {},
): Promise<PreflightReport> {
  checkOptions(options, ['batchSize', 'seed', 'skip', 'onProgress', 'onResult'], 'preflight')
  const { skip = [], onProgress, onResult, ...rest } = options
  const known = [...looking, ...training].map(({ check }) => check)
  const unknown = skip.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new RangeError(`preflight: unknown check "${unknown}" in skip. Choose from ${known.join(', ')}.`)
  }
  const wanted = [...looking, ...training].filter(({ check }) => !skip.includes(check))
  const results: CheckResult[] = []
  const session = await Session.open(model, data, rest, 'preflight')
  try {
    for (const [done, each] of wanted.entries()) {
      const tell = (share: number) => onProgress?.({ check: each.check, done, total: wanted.length, share })
      session.onProgress = (steps, total) => tell(steps / total)
      tell(0)
      const failed = results.find(({ verdict }) => verdict === 'fail')
      const blocked = results.find(({ check, verdict }) => verdict === 'fail' && first.includes(check))
      const fault = blocked ?? (training.includes(each) ? failed : undefined)
      const result = fault ? postponed(each, fault) : await each.judge(session)
      results.push(result)
      onResult?.(result)
    }
  } finally {
    await session.close()
  }
  return { passed: results.every(({ verdict }) => verdict !== 'fail'), results }
}

const postponed = ({ check, practice }: Check, failed: CheckResult): CheckResult => ({
  check,
  practice,
  verdict: 'skipped',
  evidence: `${failed.check} failed; the same fault would show here again.`,
  next: `First mend what ${failed.check} says.`,
})
