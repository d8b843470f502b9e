import { checkKeys, checkWhole } from '../check-keys.js'
import type { Pruner } from '../pruner.js'
import { lossOf } from '../trial.js'

/**
 * Stops a trial whose best value so far is worse than the median of the complete trials at the same step. Golovin et al. 2017,
 * "Google Vizier", section 3.2.1.
 *
 * @param options `startup` (5): complete trials before the first is stopped; `warmup` (0): steps that are never judged.
 */
export function medianPruner(options: { startup?: number; warmup?: number } = {}): Pruner {
  checkKeys('medianPruner', options, ['startup', 'warmup'])
  const { startup = 5, warmup = 0 } = options
  checkWhole('medianPruner', 'startup', startup, 1)
  checkWhole('medianPruner', 'warmup', warmup, 0)
  return {
    decide(trial, step, trials, direction) {
      const complete = trials.filter(({ state }) => state === 'complete')
      if (complete.length < startup || step < warmup) return 'continue'
      const others = complete
        .flatMap(({ reports }) => (reports.has(step) ? [lossOf(reports.get(step)!, direction)] : []))
        .filter((value) => !Number.isNaN(value))
        .sort((a, b) => a - b)
      if (others.length === 0) return 'continue'
      const own = [...trial.reports.values()].filter((value) => !Number.isNaN(value))
      const best = Math.min(...own.map((value) => lossOf(value, direction)))
      const middle =
        (others[Math.floor((others.length - 1) / 2)]! + others[Math.ceil((others.length - 1) / 2)]!) / 2
      return best > middle ? 'prune' : 'continue'
    },
  }
}
