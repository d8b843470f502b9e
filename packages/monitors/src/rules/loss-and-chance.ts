import { finiteValues, format } from '../finding.js'
import { median } from '../order-statistics.js'
import { addTargets, constantLoss, guessLoss, newTargetStatistics, type TargetStatistics } from './chance.js'
import { dataLosses, dataLossOf } from './loss-names.js'
import { defineRule, type LossKind } from './rule.js'

const names: Record<LossKind, string> = {
  categoricalCrossentropy: 'the logarithm of the number of classes',
  sparseCategoricalCrossentropy: 'the logarithm of the number of classes',
  binaryCrossentropy: 'ln 2',
  hinge: 'a margin of 0',
  categoricalHinge: 'a margin of 0',
  meanSquaredError: 'a prediction of 0',
  meanAbsoluteError: 'a prediction of 0',
}

/** The first loss, without penalties, against that of a network that guesses. */
export const initialLoss = defineRule<{ over: boolean }, { worse: number; better: number }>({
  name: 'initial-loss',
  practice: 'P16',
  thresholds: { worse: 2, better: 0.3 },
  initial: () => ({ over: false }),
  judge(reading, state, { worse, better }, { lossKind }) {
    if (state.over) return []
    const { targets } = reading
    const first = reading.losses.find(({ step }) => step === 1)
    const loss = first && dataLossOf(first.values)
    state.over = reading.step > 1
    if (state.over || !targets || lossKind === undefined || loss === undefined) return []
    const guess = guessLoss(lossKind, targets)
    if (guess === undefined) return []
    // Outputs start with a size of about 1, which counts as a loss where targets are smaller than that.
    const isRegression = lossKind === 'meanSquaredError' || lossKind === 'meanAbsoluteError'
    const high = isRegression ? loss > 5 * worse * (guess + 1) : loss > worse * guess
    const low = !isRegression && targets.batch >= 8 && loss < better * guess
    if (!high && !low) return []
    const comparison =
      `The initial loss is ${format(loss)}, where a guess has ${format(guess)} (${names[lossKind]})` +
      `${first?.values.penalty ? ', penalties left out' : ''}.`
    const values = finiteValues({ loss, guess })
    if (low) {
      return [
        {
          severity: 'info',
          where: ['loss'],
          message: comparison,
          meaning:
            'A network that has learned nothing cannot be that good, unless its weights were trained before.',
          remedy:
            'First check, for new weights, that the targets are not among the inputs, that the loss gets the targets ' +
            'it should, and that it takes its mean over the right axis. Nothing to do for a network that is trained on.',
          values,
        },
      ]
    }
    return [
      {
        severity: 'warning',
        where: ['loss'],
        message: comparison,
        meaning: 'The untrained network is confidently wrong; its first steps go into undoing that.',
        remedy:
          'First test the loss function: logits or probabilities as it expects, the mean over the batch and not the sum, ' +
          'the number of classes. Then scale the inputs to [-1, 1] or zero mean, and check that weights start with ' +
          'σ = √(2/fan_in); a smaller last layer brings the loss to that of a guess.',
        values,
      },
    ]
  },
})

interface ChanceState {
  statistics: TargetStatistics
  window: number[]
  over: boolean
}

/** Losses that count as very small. */
const TINY = 1e-3
/** Losses that are averaged. */
const WINDOW = 40

/** The loss stays at that of the best constant answer: the network ignores its inputs. */
export const lossAtChance = defineRule<ChanceState, { patience: number; share: number }>({
  name: 'loss-at-chance',
  practice: 'P16',
  thresholds: { patience: 120, share: 0.97 },
  initial: () => ({ statistics: newTargetStatistics(), window: [], over: false }),
  judge(reading, state, { patience, share }, { lossKind }) {
    if (state.over) return []
    if (reading.targets) addTargets(state.statistics, reading.targets)
    state.window.push(...dataLosses(reading))
    state.window = state.window.slice(-WINDOW)
    const level = median(state.window)
    const chance = reading.targets && constantLoss(lossKind, state.statistics, reading.targets)
    const isTiny = chance !== undefined && chance < TINY
    // Classes of which one is almost alone leave nothing to learn.
    if (!chance || (isTiny && lossKind !== 'meanSquaredError') || state.window.length < WINDOW) return []
    if (level < share * chance) state.over = true
    if (state.over || reading.step < patience || isFalling(state.window)) return []
    state.over = true
    return [
      {
        // Far below the size of first outputs it takes its time to get there.
        severity: isTiny ? 'info' : 'warning',
        where: ['loss'],
        message:
          `After ${reading.step} steps the loss is ${format(level)}, and the best constant answer has ${format(chance)}: ` +
          `the network is ${level > 2 * chance ? 'worse' : 'no better'} than ${answer(lossKind)}.`,
        meaning:
          'It makes no use of its inputs yet: it has found out how the targets are distributed, and no more.',
        remedy:
          'First check that inputs and targets belong together: print ten pairs as the network gets them, after shuffling. ' +
          'Then overfit 10 to 20 samples with dropout, augmentation and L1/L2 off; the loss must go towards 0. Check the ' +
          'scaling of inputs and targets and the initial weights next, the learning rate last.',
        values: finiteValues({ level, chance }),
      },
    ]
  },
})

/** From far above, it may still come down. */
function isFalling(window: readonly number[]): boolean {
  const half = WINDOW / 2
  return median(window.slice(half)) < 0.9 * median(window.slice(0, half))
}

function answer(kind: LossKind | undefined): string {
  return kind === 'meanSquaredError'
    ? 'always answering with the mean of the targets'
    : 'always answering with the shares of the classes'
}
