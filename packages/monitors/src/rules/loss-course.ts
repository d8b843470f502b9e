import { finiteValues, format } from '../finding.js'
import { median } from '../order-statistics.js'
import { lossName } from './loss-names.js'
import { LOSS_WINDOW, lossRule } from './loss-rule.js'

/**
 * No clear drop since the start of the training: neither within the first 25 steps nor after them. The yardstick is
 * the median distance between neighbouring values, the noise that a trend does not enter.
 */
export const lossNotDecreasing = lossRule<
  { start: { level: number; noise: number } | null; over: boolean },
  { patience: number; progress: number }
>({
  name: 'loss-not-decreasing',
  practice: 'P15',
  thresholds: { patience: 150, progress: 0.02 },
  initial: () => ({ start: null, over: false }),
  track({ name, count, first, level, window, knows }, state, { patience, progress }) {
    if (state.over || count < LOSS_WINDOW) return undefined
    const dropped = (from: number, to: number, noises: number) =>
      from - to > Math.max(progress * Math.abs(first), noises * (state.start?.noise ?? 0))
    if (!state.start) {
      state.start = { level, noise: median(neighbourDistances(window)) }
      state.over = dropped(first, level, 3)
    }
    // Where the start is steep its slope looks like noise; half of the loss is a drop whatever the noise is.
    state.over ||= dropped(state.start.level, level, 2) || level < 0.5 * first
    if (state.over || count < patience || first === 0) return undefined
    state.over = true
    const message =
      `The ${lossName(name)} has not dropped in ${count} steps: it started at ${format(first)} and its running median ` +
      `is ${format(level)}.`
    if (knows) {
      return {
        severity: 'info',
        where: [name],
        message: `${message} The outputs agree with the targets all the same.`,
        meaning: 'The network knew its task from the start; at this learning rate it learns nothing more.',
        remedy:
          'First compare its predictions with those before. Nothing to do where fine-tuning is to change little.',
        values: finiteValues({ first, level, steps: count }),
      }
    }
    return {
      severity: 'warning',
      where: [name],
      message,
      meaning: 'A loss that does not move at all is a bug until proven otherwise.',
      remedy:
        'First overfit 10 to 20 samples with dropout, augmentation and L1/L2 off: the loss must go towards 0. If it does ' +
        'not, check that inputs and targets still belong together after shuffling, the sign of the loss, that targets ' +
        'fit the range of the last activation, and that gradients reach every variable. Then check scaling and initial ' +
        'weights; the learning rate comes last.',
      values: finiteValues({ first, level, steps: count }),
    }
  },
})

/**
 * The running median far above its best. The gap must be large in three ways: against that level, against the noise
 * there (otherwise the best of many noisy medians is called lost), and against all progress (1e-9 → 1e-8 is none).
 */
export const lossDiverging = lossRule<{ raised: boolean }, { factor: number }>({
  name: 'loss-diverging',
  practice: 'P28',
  thresholds: { factor: 3 },
  initial: () => ({ raised: false }),
  track({ name, level, best, bestSpread, first, window }, state, { factor }) {
    if (window.length < LOSS_WINDOW) return undefined
    const limit = Math.max((factor - 1) * Math.abs(best), 6 * bestSpread, 0.05 * Math.abs(first - best))
    const before = state.raised
    state.raised = level - best > (before ? limit / 2 : limit)
    if (before || !state.raised) return undefined
    return {
      severity: 'warning',
      where: [name],
      message: `The ${lossName(name)} diverges: its running median is ${format(level)}, its best was ${format(best)}.`,
      meaning: 'The network is unlearning; more steps make it worse.',
      remedy:
        'First go back to the checkpoint with the best level and look at the gradient findings. Rule out a change in the ' +
        'data at this step, unscaled inputs and large initial weights. Then clip the global gradient norm at twice its ' +
        'median, and only then lower the learning rate by a factor of 3.',
      values: finiteValues({ level, best }),
    }
  },
})

/** Values that leap far above the level and come back, again and again. */
export const lossSpiking = lossRule<
  { spikes: number[]; raised: boolean },
  { factor: number; spikes: number; period: number }
>({
  name: 'loss-spiking',
  practice: 'P28',
  thresholds: { factor: 5, spikes: 3, period: 100 },
  initial: () => ({ spikes: [], raised: false }),
  track({ name, step, value, level, spread, first, best, window }, state, { factor, spikes, period }) {
    if (window.length < LOSS_WINDOW) return undefined
    const above = value - level
    const high = above > (factor - 1) * Math.abs(level) && above > 10 * spread && above > 0.5 * (first - best)
    state.spikes = state.spikes.filter((at) => step - at < period)
    if (high) state.spikes.push(step)
    if (state.spikes.length === 0) state.raised = false
    if (state.raised || state.spikes.length < spikes) return undefined
    state.raised = true
    return {
      severity: 'warning',
      where: [name],
      message:
        `The ${lossName(name)} spikes: ${state.spikes.length} times in ${period} steps above ${format(factor)} times its ` +
        `level of ${format(level)}, now ${format(value)}.`,
      meaning: 'Single batches throw the network back; it spends its steps on recovering.',
      remedy:
        'First look at the batches of these steps: outliers, wrong labels, unscaled samples. Then clip the global gradient ' +
        'norm at twice its median. Lower the learning rate by a factor of 3 only if spikes come with ordinary batches.',
      values: finiteValues({ value, level, spikes: state.spikes.length }),
    }
  },
})

/** Steps in a row that start or end an oscillation. */
const PERSISTENCE = 3 * LOSS_WINDOW

/**
 * The swing is the median distance between neighbouring values, which a steady trend does not enter. It must be large
 * against the level and against all progress, with the direction turning at least every other time.
 */
export const lossOscillating = lossRule<
  { against: number; raised: boolean; noDrop: boolean },
  { swing: number }
>({
  name: 'loss-oscillating',
  practice: 'P22',
  thresholds: { swing: 0.4 },
  initial: () => ({ against: 0, raised: false, noDrop: false }),
  track({ name, level, first, window }, state, { swing: share }) {
    if (window.length < LOSS_WINDOW) return undefined
    const swing = median(neighbourDistances(window))
    const differences = window.slice(1).map((value, index) => value - window[index]!)
    const turns = differences
      .slice(1)
      .filter((difference, index) => difference * differences[index]! < 0).length
    const limit = Math.max(share * Math.abs(level), 0.5 * (first - level))
    const before = state.raised
    const against = before ? swing <= limit / 2 : swing > limit && 2 * turns >= differences.length - 1
    state.against = against ? state.against + 1 : 0
    if (state.against < PERSISTENCE) return undefined
    state.against = 0
    state.raised = !before
    if (before) return undefined
    return {
      severity: 'warning',
      where: [name],
      message:
        `The ${lossName(name)} oscillates: it moves by ${format(swing)} from one step to the next, at a level of ` +
        `${format(level)}.`,
      meaning: 'The noise of single batches is as large as what there is to learn.',
      remedy:
        'First check that the data is shuffled: classes or pictures in order swing with a period. The batch is probably ' +
        'too small: double it, up to 64, and then leave it. If it is 32 or more already, lower the learning rate by a ' +
        'factor of 3.',
      values: finiteValues({ level, swing }),
    }
  },
})

/** No clear progress for long, after a good start. */
export const plateau = lossRule<
  { mark: number | null; since: number; raised: boolean },
  { patience: number; progress: number }
>({
  name: 'plateau',
  practice: 'P28',
  thresholds: { patience: 1000, progress: 0.01 },
  initial: () => ({ mark: null, since: 0, raised: false }),
  track({ name, level, first, best, spread }, state, { patience, progress }) {
    state.mark ??= level
    state.since++
    if (level < state.mark - Math.max(progress * Math.abs(state.mark), 0.5 * spread)) {
      state.mark = level
      state.since = 0
      state.raised = false
    }
    const dropped = first - best > Math.max(0.05 * Math.abs(first), spread)
    if (!dropped || state.since < patience || state.raised) return undefined
    state.raised = true
    return {
      severity: 'info',
      where: [name],
      message:
        `The ${lossName(name)} is on a plateau: its running median has stayed at about ${format(level)} for ${patience} ` +
        `steps (it started at ${format(first)}).`,
      meaning: 'At this learning rate the network has learned what it can.',
      remedy:
        'First look at predictions: if they are good enough, stop here and pick the best checkpoint. Otherwise lower the ' +
        'learning rate by a factor of 3 (or decay it, 0.95 per epoch); if that changes nothing, the model is too small: ' +
        'add filters or layers.',
      values: finiteValues({ first, level, steps: patience }),
    }
  },
})

/** A loss that falls below zero and on, ever faster: nothing bounds it from below. */
export const unboundedLoss = lossRule<{ raised: boolean }, { factor: number }>({
  name: 'unbounded-loss',
  practice: 'P19',
  thresholds: { factor: 5 },
  initial: () => ({ raised: false }),
  track({ name, value, first, level, count }, state, { factor }, { lossKind }) {
    const impossible = lossKind !== undefined && value < -1e-6
    const runsAway = count >= LOSS_WINDOW && level < 0 && level < -factor * Math.max(Math.abs(first), 0.1)
    if (state.raised || !(impossible || runsAway)) return undefined
    state.raised = true
    return {
      severity: 'warning',
      where: [name],
      message:
        `The ${lossName(name)} falls without a bound: it is ${format(value)} after ${count} steps and started at ` +
        `${format(first)}.`,
      meaning:
        'A loss without a lowest value is made smaller by making weights larger, not by better predictions.',
      remedy:
        'First check the sign of each term of the loss: tfjs minimizes. Test the loss by itself: a perfect prediction must ' +
        'give its lowest value, usually 0. Look for a logarithm or a distance that is subtracted.',
      values: finiteValues({ value, first, steps: count }),
    }
  },
})

function neighbourDistances(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => Math.abs(value - values[index]!))
}
