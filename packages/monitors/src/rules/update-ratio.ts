import { finiteValues, format, list } from '../finding.js'
import { interquartileRange, median } from '../order-statistics.js'
import type { Reading, VariableReading } from '../reading.js'
import { knowsTask, withAgreement } from './knows-task.js'
import { lastingRule } from './lasting-rule.js'
import { dataLosses } from './loss-names.js'
import { defineRule } from './rule.js'
import { fanIn, fullName } from './variables.js'

interface Suspect {
  where: string
  ratio: number
}

/** Kernels of this size or smaller start at zero on purpose: any update is large for them. */
const ZERO = 1e-3

function updateRatios({ variables }: Reading): Suspect[] {
  return variables.flatMap((variable) => {
    const { role, trainable, updateNorm, weight } = variable as VariableReading
    if (role !== 'kernel' || !trainable || updateNorm === undefined || !weight) return []
    if (!Number.isFinite(updateNorm) || weight.norm / Math.sqrt(weight.size) <= ZERO) return []
    // A kernel of few weights may be small by chance.
    const usual = Math.sqrt((2 * weight.size) / fanIn(variable.shape))
    return [{ where: fullName(variable), ratio: updateNorm / Math.max(weight.norm, usual / 2) }]
  })
}

/** `‖Δw‖/‖w‖` far above the 1e-3 at which training usually goes well, several looks in a row. */
export const largeUpdates = lastingRule<Suspect, { ratio: number; patience: number; readings: number }>({
  name: 'large-updates',
  practice: 'P23',
  thresholds: { ratio: 0.3, patience: 1, readings: 2 },
  lookClosely: true,
  find(reading, { ratio: limit }) {
    const ratios = updateRatios(reading)
    return ratios.length > 0 ? ratios.filter(({ ratio }) => ratio > limit) : undefined
  },
  describe(suspects, reading) {
    const worst = suspects.reduce((most, next) => (next.ratio > most.ratio ? next : most))
    const rate = Object.values(reading.learningRates).find(Number.isFinite)
    return {
      severity: 'warning',
      where: suspects.map(({ where }) => where),
      message:
        `Updates are too large: one step changes ${worst.where} by ${format(worst.ratio)} of its size; about 0.001 is usual` +
        `${rate === undefined ? '' : ` (learning rate ${format(rate)})`}. Concerned: ${list(suspects.map(({ where }) => where))}.`,
      meaning: 'Weights are overwritten faster than they can learn; the loss jumps, and ReLUs die.',
      remedy:
        'First rule out unscaled inputs or targets and a loss that sums where it should take the mean: they make ' +
        'gradients large. Check the initial weights (σ = √(2/fan_in)). Then lower the learning rate by a factor of 10, ' +
        'until the ratio is near 0.001.',
      values: finiteValues({ ratio: worst.ratio, learningRate: rate ?? Number.NaN }),
    }
  },
})

interface SmallState {
  /** The first and the latest losses. */
  early: number[]
  late: number[]
  since: number
  readings: number
  over: boolean
  agreements?: number[]
}

/** Losses at each end that are compared. */
const LOSSES = 25

/**
 * `‖Δw‖/‖w‖` of every kernel so small from the start on that the loss stays where it was. Later in a training small
 * updates are normal.
 */
export const smallUpdates = defineRule<SmallState, { ratio: number; patience: number; progress: number }>({
  name: 'small-updates',
  practice: 'P23',
  thresholds: { ratio: 1e-5, patience: 50, progress: 0.05 },
  initial: () => ({ early: [], late: [], since: 0, readings: 0, over: false }),
  judge(reading, state, { ratio: limit, patience, progress }) {
    if (state.over) return []
    for (const loss of dataLosses(reading)) {
      if (state.early.length < LOSSES) state.early.push(loss)
      state.late = [...state.late, loss].slice(-LOSSES)
    }
    state.agreements = withAgreement(state.agreements, reading.answers)
    const ratios = updateRatios(reading).filter(({ ratio }) => ratio > 0)
    if (ratios.length === 0) return []
    const largest = ratios.reduce((most, next) => (next.ratio > most.ratio ? next : most))
    const first = median(state.early)
    const learned =
      first - median(state.late) > progress * Math.abs(first) + interquartileRange(state.early) / 2
    if (state.readings++ === 0) state.since = reading.step
    state.over = largest.ratio >= limit || learned || reading.step > 1000
    if (state.over || reading.step - state.since < patience || state.readings < 3) return []
    state.over = true
    const rate = Object.values(reading.learningRates).find(Number.isFinite)
    return [
      {
        // Fine-tuning changes little, and is meant to.
        severity: knowsTask(state.agreements) ? 'info' : 'warning',
        where: [largest.where],
        message:
          `Updates are too small: no kernel has changed by more than ${format(limit)} of its size in any step so far ` +
          `(${largest.where} by ${format(largest.ratio)}; about 0.001 is usual)` +
          `${rate === undefined ? '' : `, at a learning rate of ${format(rate)}`}.`,
        meaning: 'At that pace the network needs a hundred times as many steps.',
        remedy:
          'First rule out bugs: a loss divided by too much (the number of pixels or samples, twice), gradients clipped to ' +
          'almost nothing. Check that inputs and targets are scaled. Then raise the learning rate by a factor of 10, ' +
          'until the ratio is near 0.001.',
        values: finiteValues({ ratio: largest.ratio, learningRate: rate ?? Number.NaN }),
      },
    ]
  },
})
