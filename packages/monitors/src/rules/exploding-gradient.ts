import { type Draft, finiteValues, format } from '../finding.js'
import { median } from '../order-statistics.js'
import { defineRule } from './rule.js'
import { fullName, gradientNorms, withGradients } from './variables.js'

interface State {
  [network: string]: { early: number[]; norms: number[]; raised: boolean; high: number }
}

/** Norms that the median covers. */
const WINDOW = 50

/**
 * The global norm far above its running median in two looks in a row, or beyond an absolute limit. Pascanu, Mikolov and
 * Bengio 2013 (arXiv:1211.5063, section 3.2) find half to ten times the average norm harmless as a clipping threshold.
 */
export const explodingGradient = defineRule<State, { ratio: number; norm: number; history: number }>({
  name: 'exploding-gradient',
  practice: 'P9',
  thresholds: { ratio: 10, norm: 1e6, history: 5 },
  initial: () => ({}),
  judge(reading, state, { ratio, norm: limit, history }) {
    const drafts: Draft[] = []
    for (const [network, norm] of gradientNorms(reading)) {
      if (!Number.isFinite(norm)) continue
      state[network] ??= { early: [], norms: [], raised: false, high: 0 }
      const row = state[network]
      const usual = median(row.norms)
      // Near the end of a training norms are tiny, and ten times that is nothing.
      const aboveUsual = row.norms.length >= history && usual > 0 && norm > ratio * usual
      const tooHigh = (aboveUsual && norm > 2 * median(row.early)) || norm > limit
      row.high = tooHigh ? row.high + 1 : 0
      if (!tooHigh) row.norms.push(norm)
      if (row.early.length < history) row.early.push(norm)
      if (row.norms.length > WINDOW) row.norms.shift()
      if (!tooHigh) row.raised = false
      if (row.high < 2 || row.raised) continue
      row.raised = true
      const largest = withGradients(reading)
        .filter((variable) => variable.network === network)
        .reduce((most, variable) => (variable.gradient.norm > most.gradient.norm ? variable : most))
      const comparison = usual > 0 ? `, ${format(norm / usual)} times its usual ${format(usual)}` : ''
      const clip = usual > 0 ? 2 * usual : 1
      drafts.push({
        severity: 'warning',
        where: [fullName(largest)],
        message:
          `Exploding gradient: the global norm${network && ` of ${network}`} is ${format(norm)}${comparison}; the ` +
          `largest part is ${fullName(largest)} with ${format(largest.gradient.norm)}.`,
        meaning:
          'Steps of that size throw the weights away from what they have learned; NaN is usually next.',
        remedy:
          'First rule out bugs: an outlier in this batch, a sum where a mean was meant, a division by almost 0 in the ' +
          'loss. Then scale inputs and targets to zero mean and unit variance, and check that weights start with ' +
          `σ = √(2/fan_in). If it comes back, clip the global norm at ${format(clip)}; lower the learning rate, by a ` +
          'factor of 3 to 10, only after that.',
        values: finiteValues({ norm, usual, ratio: norm / usual }),
      })
    }
    return drafts
  },
  suspicious: (state) => Object.values(state).some(({ high, raised }) => high > 0 && !raised),
})
