import { finiteValues, format, list } from '../finding.js'
import { lastingRule } from './lasting-rule.js'
import { lossSeries } from './loss-names.js'
import { fullName, type WithGradient, withGradients } from './variables.js'

/**
 * `mean(|g|)` of a kernel below an absolute threshold, or so far below that of the last kernel that the front of the
 * network stands still (Glorot and Bengio 2010 compare layers in the same way). A training whose gradients are small
 * everywhere because it has converged is left alone: its last layer is the yardstick. So is a branch behind a gate that
 * starts at 0, as in self-attention: the gradient has to be gone from some layer on, all the way to the inputs.
 */
export const vanishingGradient = lastingRule<
  { where: string; variable: WithGradient; last: WithGradient },
  { meanAbs: number; ratio: number; patience: number; readings: number }
>({
  name: 'vanishing-gradient',
  practice: 'P9',
  thresholds: { meanAbs: 1e-7, ratio: 1e-4, patience: 15, readings: 3 },
  find(reading, { meanAbs, ratio }, { gan }) {
    const kernels = withGradients(reading).filter(({ role, trainable }) => role === 'kernel' && trainable)
    if (kernels.length === 0) return undefined
    // A loss of 0 has no gradient, and that is a success.
    const loss = lossSeries(reading).at(-1)?.value
    const unfinished = !gan && loss !== undefined && Math.abs(loss) > 1e-6
    // Gradients of squares go with the root of the loss: those of tiny targets are tiny everywhere.
    const floor = meanAbs * Math.min(1, Math.sqrt(Math.abs(loss ?? 1)))
    const networks = [...new Set(kernels.map(({ network }) => network))]
    return networks.flatMap((network) => {
      const own = kernels.filter((kernel) => kernel.network === network)
      const [last] = own as [WithGradient]
      const isSmall = ({ gradient: { meanAbs: size } }: WithGradient) =>
        (size < floor && size < 0.01 * last.gradient.meanAbs) ||
        size < ratio * last.gradient.meanAbs ||
        (unfinished && size === 0 && last.gradient.meanAbs === 0)
      // Backwards, up to the first kernel: a branch that starts closed, with healthy layers in front, is left alone.
      const front = own.slice(own.findLastIndex((kernel) => !isSmall(kernel)) + 1)
      return front.map((variable) => ({ where: fullName(variable), variable, last }))
    })
  },
  describe(suspects) {
    const smallest = suspects.reduce((least, next) =>
      next.variable.gradient.meanAbs < least.variable.gradient.meanAbs ? next : least,
    )
    const { variable, last } = smallest
    const size = variable.gradient.meanAbs
    const concerned = `Concerned, from the output backwards: ${list(suspects.map(({ where }) => where))}.`
    return {
      severity: 'warning',
      where: suspects.map(({ where }) => where),
      message:
        last.gradient.meanAbs === 0
          ? `Vanishing gradient: it is exactly 0, in ${fullName(last)}, the last kernel, too. ${concerned}`
          : `Vanishing gradient: mean |gradient| is ${format(size)} in ${smallest.where}, against ` +
            `${format(last.gradient.meanAbs)} in ${fullName(last)}, the last kernel. ${concerned}`,
      meaning: 'These layers keep the weights they have: what happens behind them does not reach them.',
      remedy:
        'First rule out bugs: dead ReLUs, a layer that is not on the way to the loss, a loss divided by too much. Then ' +
        'scale the inputs to [-1, 1] or zero mean, and initialize with σ = √(2/fan_in). If the network is a deep stack ' +
        'of sigmoid or tanh, use ReLU with batch normalization or skip connections. Change the learning rate last.',
      values: finiteValues({ meanAbs: size, last: last.gradient.meanAbs, variables: suspects.length }),
    }
  },
})
