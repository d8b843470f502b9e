import { type Draft, format, list } from '../finding.js'
import type { Summary, VariableReading } from '../reading.js'
import { defineRule } from './rule.js'
import { fanIn, fullName } from './variables.js'

type Kernel = VariableReading & { weight: Summary }

/** Judged once for each kernel: at the first look, before the first update. */
export const initialization = defineRule<{ done: boolean }, { varianceRatio: number; tiny: number }>({
  name: 'initialization',
  practice: 'P18',
  thresholds: { varianceRatio: 10, tiny: 100 },
  initial: () => ({ done: false }),
  judge(reading, state, { varianceRatio, tiny }) {
    const kernels = reading.variables.filter(
      (variable): variable is Kernel => variable.role === 'kernel' && variable.weight !== undefined,
    )
    if (state.done || kernels.length === 0 || reading.step !== 1) return []
    state.done = true
    const zero = kernels.filter((kernel) => isZero(kernel.weight) && standsStill(kernel))
    const constant = kernels.filter((kernel) => isConstant(kernel) && !kernel.output)
    const varied = kernels.filter(({ weight }) => weight.max !== weight.min && Number.isFinite(weight.std))
    const large = varied.filter((kernel) => rms(kernel) ** 2 > (varianceRatio * 2) / fanIn(kernel.shape))
    const small = varied.filter(
      (kernel) => rms(kernel) ** 2 < Math.min(0.05 ** 2, 2 / fanIn(kernel.shape)) / tiny && !kernel.output,
    )
    return [
      zero.length > 0 && zeroWeights(zero),
      constant.length > 0 && constantWeights(constant),
      large.length > 0 && wrongScale(large, 'large'),
      small.length > 0 && wrongScale(small, 'small'),
    ].filter((draft): draft is Draft => draft !== false)
  },
})

function isZero({ min, max }: Summary): boolean {
  return min === 0 && max === 0
}

/** A zero kernel is harmless where a gradient arrives, as at the end of a residual branch or a linear model. */
function standsStill({ gradient }: Kernel): boolean {
  return gradient === undefined || (gradient !== 'missing' && gradient.norm === 0)
}

function isConstant({ weight: { min, max }, shape }: Kernel): boolean {
  return min === max && min !== 0 && (shape.at(-1) ?? 1) > 1 && fanIn(shape) > 1
}

function rms({ weight: { norm, size } }: Kernel): number {
  return norm / Math.sqrt(size)
}

const gaussian =
  'Draw them from a Gaussian with σ = min(0.05, √(2/fan_in)), or use heNormal or glorotUniform.'

function zeroWeights(kernels: Kernel[]): Draft {
  const where = kernels.map(fullName)
  return {
    severity: 'error',
    where,
    message: `All weights of ${list(where)} start at 0, and their gradient is 0 too.`,
    meaning: 'Nothing but biases can learn: zero weights pass on neither activations nor gradients.',
    remedy: `First check the initializer of these layers, and that a loaded checkpoint holds them. ${gaussian}`,
    values: { kernels: where.length },
  }
}

function constantWeights(kernels: Kernel[]): Draft {
  const where = kernels.map(fullName)
  return {
    severity: 'warning',
    where,
    message: `All weights of ${list(where)} start at the same value, ${format(kernels[0]!.weight.mean)}.`,
    meaning:
      'All units of such a layer compute the same and get the same gradient: it counts as a single unit.',
    remedy: `First check the initializer of these layers. ${gaussian}`,
    values: { value: kernels[0]!.weight.mean, kernels: where.length },
  }
}

function wrongScale(kernels: Kernel[], size: 'large' | 'small'): Draft {
  const where = kernels.map(fullName)
  const [first] = kernels as [Kernel]
  const expected = Math.sqrt(2 / fanIn(first.shape))
  return {
    severity: 'warning',
    where,
    message:
      `Initial weights are too ${size}: σ = ${format(rms(first))} in ${where[0]}, whose fan-in of ` +
      `${fanIn(first.shape)} asks for about ${format(expected)}. Concerned: ${list(where)}.`,
    meaning:
      size === 'large'
        ? 'Activations and gradients grow from layer to layer: units saturate or die, and the loss starts far off.'
        : 'Activations and gradients shrink from layer to layer: the front of the network hardly learns.',
    remedy: `First check the initializer of these layers (a σ taken for a variance, a fan-in of another layer). ${gaussian}`,
    values: { std: rms(first), expected, kernels: where.length },
  }
}
