import { finiteValues, format, percent } from '../finding.js'
import { lastingRule } from './lasting-rule.js'
import { dataLossOf } from './loss-names.js'
import { defineRule } from './rule.js'

interface PenaltyState {
  first: number | null
  since: number | null
  raised: boolean
}

/** L1/L2 penalties larger than the loss of the data, while that has not been learned. */
export const penaltyDominates = defineRule<
  PenaltyState,
  { share: number; learned: number; patience: number }
>({
  name: 'penalty-dominates',
  practice: 'P33',
  thresholds: { share: 0.5, learned: 0.5, patience: 30 },
  initial: () => ({ first: null, since: null, raised: false }),
  judge(reading, state, { share: limit, learned, patience }) {
    for (const { step, values } of reading.losses) {
      const data = dataLossOf(values)
      const { penalty } = values
      if (penalty === undefined || data === undefined || !Number.isFinite(penalty + data)) continue
      state.first ??= data
      const share = penalty / (penalty + Math.abs(data))
      // Beside a small loss of the data a mild penalty is large, and that is a success.
      const dominates = share > limit && data > learned * state.first
      state.since = dominates ? (state.since ?? step) : null
      if (state.since === null) state.raised = false
      if (state.since === null || state.raised || step - state.since < patience) continue
      state.raised = true
      return [
        {
          step,
          severity: 'warning',
          where: ['penalty'],
          message:
            `The penalty is ${percent(share)} of the loss: ${format(penalty)}, beside ${format(data)} for the data, which ` +
            `started at ${format(state.first)}.`,
          meaning: 'The optimizer makes weights small before it makes predictions right.',
          remedy:
            'First check that the penalty is a mean or a sum as its factor expects, and that it leaves out biases and ' +
            'normalization. Then divide the L1/L2 factor by 10 until the penalty is well below the loss; learning rate and ' +
            'factor have to be changed together.',
          values: finiteValues({ penalty, data, share }),
        },
      ]
    }
    return []
  },
})

/** One term of the loss whose gradient, or else whose value, dwarfs that of the others. */
export const termDominates = lastingRule<
  { where: string; kind: 'gradient norm' | 'value'; largest: number; smallest: number; smallestName: string },
  { gradientRatio: number; valueRatio: number; patience: number; readings: number }
>({
  name: 'term-dominates',
  practice: 'P20',
  thresholds: { gradientRatio: 100, valueRatio: 1000, patience: 20, readings: 2 },
  find(reading, { gradientRatio, valueRatio }, { gan }) {
    const [kind, terms, limit] = reading.termNorms
      ? (['gradient norm', reading.termNorms, gradientRatio] as const)
      : (['value', valuesOf(reading.losses.at(-1)?.values, gan), valueRatio] as const)
    const sorted = Object.entries(terms)
      .map(([name, value]): [string, number] => [name, Math.abs(value)])
      .filter(([, value]) => Number.isFinite(value))
      .sort(([, a], [, b]) => b - a)
    const [first, last] = [sorted[0], sorted.at(-1)]
    if (!first || !last || first === last) return undefined
    const [where, largest] = first
    const [smallestName, smallest] = last
    return largest > limit * smallest ? [{ where, kind, largest, smallest, smallestName }] : []
  },
  describe([suspect]) {
    const { where, kind, largest, smallest, smallestName } = suspect!
    return {
      severity: 'warning',
      where: [where, smallestName],
      message:
        `The term ${where} dominates the loss: its ${kind} is ${format(largest)}, that of ${smallestName} ` +
        `${format(smallest)}.`,
      meaning: `The network learns ${where} and nothing of ${smallestName}.`,
      remedy:
        'First check the terms: a sum where a mean was meant, pictures in 0–255 instead of [-1, 1], a term that is 0 by ' +
        'mistake. Then weight them so that their gradient norms are within a factor of 10, or do without a second data ' +
        'loss: with a single one only the learning rate has to be found.',
      values: finiteValues({ largest, smallest }),
    }
  },
})

/** Terms beside the total; the losses of two players are no terms of one loss. */
function valuesOf(values: Readonly<Record<string, number>> = {}, gan: boolean): Record<string, number> {
  if (gan) return {}
  const { loss, dataLoss, penalty, ...terms } = values
  return terms
}
