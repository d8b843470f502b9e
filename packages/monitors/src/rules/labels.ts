import { finiteValues, format, percent } from '../finding.js'
import {
  addTargets,
  classShares,
  isBinary,
  isOneHot,
  newTargetStatistics,
  type TargetStatistics,
} from './chance.js'
import { lastingRule } from './lasting-rule.js'
import { defineRule } from './rule.js'

interface LabelState {
  statistics: TargetStatistics
  min: number | null
  max: number | null
  constantRaised: boolean
  unbalancedRaised: boolean
}

/** Labels that are all the same, or of which some are much rarer than others. */
export const labels = defineRule<LabelState, { samples: number; readings: number; ratio: number }>({
  name: 'labels',
  practice: 'P4',
  thresholds: { samples: 64, readings: 4, ratio: 10 },
  initial: () => ({
    statistics: newTargetStatistics(),
    min: null,
    max: null,
    constantRaised: false,
    unbalancedRaised: false,
  }),
  judge({ targets }, state, { samples, readings, ratio }) {
    if (!targets) return []
    const { statistics } = state
    addTargets(statistics, targets)
    state.min = Math.min(state.min ?? targets.summary.min, targets.summary.min)
    state.max = Math.max(state.max ?? targets.summary.max, targets.summary.max)
    if (statistics.samples < samples || statistics.batches < readings) return []
    const shares = classShares(statistics, targets)
    const present = shares?.filter((share) => share > 0) ?? []
    const isConstant = shares ? present.length === 1 : state.min === state.max
    if (isConstant && !state.constantRaised) {
      state.constantRaised = true
      const what = shares ? `class ${shares.indexOf(present[0]!)}` : format(state.min)
      return [
        {
          severity: 'warning',
          where: ['targets'],
          message: `The labels are constant: all of the ${statistics.samples} samples seen so far have ${what}.`,
          meaning: 'The network learns to give one answer, whatever it is shown.',
          remedy:
            'First print inputs and labels of a batch: a column that was overwritten, a join that lost its key, a folder ' +
            'that was read alone. Then check that the set is shuffled: if it is sorted by class, the others come later.',
          values: { samples: statistics.samples },
        },
      ]
    }
    const [largest, smallest] = [Math.max(...(shares ?? [0])), Math.min(...(shares ?? [0]))]
    const isUnbalanced = shares !== undefined && !isConstant && largest > ratio * Math.max(smallest, 1e-9)
    // A rare class may be missing by chance among few samples.
    const enough =
      statistics.samples >= (20 * ratio) / 2 && statistics.samples * largest >= 20 * (shares?.length ?? 1)
    if (!isUnbalanced || !enough || state.unbalancedRaised) return []
    state.unbalancedRaised = true
    return [
      {
        severity: 'warning',
        where: ['targets'],
        message:
          `The labels are unbalanced: of ${statistics.samples} samples ${percent(largest)} are of class ` +
          `${shares.indexOf(largest)}, ${percent(smallest)} of class ${shares.indexOf(smallest)}.`,
        meaning: `Always answering ${shares.indexOf(largest)} is right for ${percent(largest)}: accuracy says little, and rare classes are not learned.`,
        remedy:
          'First check that this is how the data is, and that no class was lost on the way. Then collect more of the rare ' +
          'classes, draw them more often, or pass classWeight to fit; judge by the accuracy of each class.',
        values: finiteValues({ largest, smallest, samples: statistics.samples }),
      },
    ]
  },
})

/** A column of the inputs that tells the class exactly. */
export const leakedLabels = lastingRule<
  { where: string; leak: number },
  { correlation: number; patience: number; readings: number }
>({
  name: 'leaked-labels',
  practice: 'P4',
  thresholds: { correlation: 0.999, patience: 10, readings: 3 },
  find({ leak, targets, inputs }, { correlation }) {
    if (leak === undefined || !targets || !inputs || targets.batch < 8) return undefined
    const classes = isOneHot(targets) || (targets.shape.length <= 1 && isBinary(targets))
    const columns = inputs.summary.size / inputs.batch
    return classes && columns > 1 && leak > correlation ? [{ where: 'inputs', leak }] : []
  },
  describe([suspect], { targets }) {
    return {
      severity: 'warning',
      where: ['inputs', 'targets'],
      message:
        `The labels are among the inputs: one input column has a correlation of ${format(suspect!.leak)} with the class, ` +
        `in ${targets!.batch} samples of every batch looked at.`,
      meaning:
        'The network reads the answer off that column; it will fail where the answer is not known beforehand.',
      remedy:
        'First find the column: correlate each input with the label. Drop it and everything computed from the label or ' +
        'known only afterwards (ids in order of class, dates of outcome, file names). Then split again and start anew.',
      values: { correlation: suspect!.leak },
    }
  },
})
