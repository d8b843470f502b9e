import { list } from '../finding.js'
import { lastingRule } from './lasting-rule.js'
import { fullName, withGradients } from './variables.js'

/**
 * A variable whose gradient is exactly 0 at look after look, while others get one: what it computes is multiplied by 0 or
 * thrown away on the way to the loss. Gradients that are gone from some layer on back to the inputs are left to
 * `vanishing-gradient`, a gate that starts at 0 has moved after the first update, and a branch that is left out at random
 * (Huang et al. 2016, arXiv:1603.09382) shows itself at one of nine looks.
 */
export const zeroGradient = lastingRule<{ where: string }, { patience: number; readings: number }>({
  name: 'zero-gradient',
  practice: 'P9',
  thresholds: { patience: 40, readings: 9 },
  lookClosely: true,
  find(reading) {
    const variables = withGradients(reading)
      .filter(({ trainable, name }) => trainable && !/bias|beta/i.test(name))
      .reverse()
    if (variables.length === 0) return undefined
    const networks = [...new Set(variables.map(({ network }) => network))]
    return networks.flatMap((network) => {
      const own = variables.filter((variable) => variable.network === network)
      // From the first one that learns on.
      const learning = own.findIndex(({ gradient }) => gradient.norm !== 0)
      return own
        .slice(Math.max(0, learning))
        .filter(({ gradient }) => learning >= 0 && gradient.norm === 0)
        .map((variable) => ({ where: fullName(variable) }))
    })
  },
  describe(suspects, _, { patience }) {
    const where = suspects.map((suspect) => suspect.where)
    return {
      severity: 'warning',
      where,
      message: `The gradient of ${list(where)} has been exactly 0 for more than ${patience} steps, while others get one.`,
      meaning:
        'What these variables compute makes no difference to the loss: their branch is cut off and never learns.',
      remedy:
        'First look for a bug behind them: a branch multiplied by 0, a mask or a gate that lets nothing through, a weight of ' +
        '0 for one term of the loss, a clip or a ReLU that is off for all samples. Leave them out of the list of variables ' +
        'if it is intended.',
      values: { variables: where.length },
    }
  },
})
