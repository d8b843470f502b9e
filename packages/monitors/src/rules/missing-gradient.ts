import { list } from '../finding.js'
import { lastingRule } from './lasting-rule.js'
import { fullName } from './variables.js'

/** A variable handed to the optimizer that the loss does not depend on. */
export const missingGradient = lastingRule({
  name: 'missing-gradient',
  practice: 'P9',
  thresholds: { patience: 0, readings: 2 },
  find({ variables }) {
    const measured = variables.filter(({ gradient }) => gradient !== undefined)
    if (measured.length === 0) return undefined
    return measured
      .filter(({ gradient }) => gradient === 'missing')
      .map((variable) => ({ where: fullName(variable) }))
  },
  describe(suspects) {
    const where = suspects.map((suspect) => suspect.where)
    return {
      severity: 'warning',
      where,
      message: `No gradient arrives at ${list(where)}: the loss does not depend on it.`,
      meaning: 'These variables are given to the optimizer and never change.',
      remedy:
        'First look for a bug: a layer that is built but not called, a value read with dataSync or wrapped in tf.tensor ' +
        'on the way to the loss, an output without a loss. Leave the variable out of varList if that is intended.',
      values: { variables: where.length },
    }
  },
})
