import { checkKeys, checkWhole } from '../check-keys.js'
import type { Pruner } from '../pruner.js'
import { type Direction, lossOf, type Trial } from '../trial.js'

/**
 * Asynchronous successive halving: at the steps `firstRung`, `firstRung · factor`, `firstRung · factor²` … a trial pauses
 * unless it is among the best 1 in `factor` that have come so far. A paused trial is resumed from its checkpoint once it is
 * among them; nothing waits for stragglers. Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning",
 * arXiv 1810.05934.
 *
 * @param options `firstRung`: in steps as reported; `factor` (3).
 */
export function successiveHalving(options: { firstRung: number; factor?: number }): Pruner {
  checkKeys('successiveHalving', options, ['firstRung', 'factor'])
  const { firstRung, factor = 3 } = options
  checkWhole('successiveHalving', 'firstRung', firstRung, 1)
  checkWhole('successiveHalving', 'factor', factor, 2)
  const rungOf = (step: number) => Math.floor(Math.log(step / firstRung) / Math.log(factor) + 1e-9)

  /** The trials that deserve to go beyond a rung, best first. */
  const promotable = (rung: number, trials: readonly Trial[], direction: Direction) => {
    const from = firstRung * factor ** rung
    const arrived = trials.flatMap((trial) => {
      const step = Math.min(...[...trial.reports.keys()].filter((reported) => reported >= from))
      return step === Number.POSITIVE_INFINITY || trial.state === 'failed'
        ? []
        : [{ trial, loss: lossOf(trial.reports.get(step)!, direction) }]
    })
    const sorted = arrived.filter(({ loss }) => !Number.isNaN(loss)).sort((a, b) => a.loss - b.loss)
    return sorted.slice(0, Math.floor(arrived.length / factor)).map(({ trial }) => trial)
  }

  return {
    decide(trial, step, trials, direction) {
      const rung = rungOf(step)
      const isArriving = rung >= 0 && ![...trial.reports.keys()].some((at) => at < step && rungOf(at) >= rung)
      if (!isArriving || rung <= passedRung(trial)) return 'continue'
      return promotable(rung, trials, direction).some(({ id }) => id === trial.id) ? 'continue' : 'pause'
    },
    resumable(trials, direction) {
      const paused = trials.filter(({ state, notes }) => state === 'waiting' && notes.paused === true)
      const rungs = paused.map(({ reports }) => rungOf(Math.max(...reports.keys())))
      for (let rung = Math.max(...rungs, -1); rung >= 0; rung--) {
        const trial = promotable(rung, trials, direction).find(
          ({ id }) => rungs[paused.findIndex((candidate) => candidate.id === id)] === rung,
        )
        if (trial !== undefined) return { trial, notes: { rung } }
      }
      return undefined
    },
  }
}

/** The highest rung that the trial was resumed from; steps that it repeats do not pause it again. */
function passedRung({ notes }: Trial): number {
  return typeof notes.rung === 'number' ? notes.rung : -1
}
