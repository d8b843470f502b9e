import { list } from '../finding.js'
import type { Reading, VariableReading } from '../reading.js'
import { knowsTask, withAgreement } from './knows-task.js'
import { lastingRule } from './lasting-rule.js'
import { fullName } from './variables.js'

interface Suspect {
  where: string
  /** Not trainable, or left out of the list of variables of an optimizer that updates others. */
  frozen: boolean
  enclosed: boolean
  /** A gradient arrives, and the update is lost in rounding, as in the fine-tuning of a network that knows its task. */
  rounded: boolean
}

/**
 * Kernels that do not change while others do. Frozen layers at the front (transfer learning) or at the end (the
 * discriminator behind a generator) are worth a note; a frozen layer between trained ones is probably a mistake.
 */
export const unchangedWeights = lastingRule<Suspect, { patience: number; readings: number }>({
  name: 'unchanged-weights',
  practice: 'P15',
  thresholds: { patience: 15, readings: 3 },
  find(reading) {
    const kernels = measuredKernels(reading)
    if (kernels.length === 0) return undefined
    return kernels.flatMap((kernel, index) => {
      if (kernel.updateNorm !== 0 || (kernel.trainable && standsStill(kernel))) return []
      const changes = (other: VariableReading) => other.network === kernel.network && other.updateNorm !== 0
      const enclosed = kernels.slice(0, index).some(changes) && kernels.slice(index + 1).some(changes)
      const isLeftOut =
        kernel.gradient === undefined &&
        kernels.some((other) => changes(other) && other.gradient !== undefined)
      const rate = reading.learningRates[kernel.network]
      return [
        {
          where: fullName(kernel),
          frozen: !kernel.trainable || isLeftOut,
          enclosed,
          rounded:
            kernel.gradient !== undefined && rate !== 0 && knowsTask(withAgreement([], reading.answers)),
        },
      ]
    })
  },
  describe(suspects) {
    const where = suspects.map((suspect) => suspect.where)
    const frozen = suspects.every((suspect) => suspect.frozen)
    const enclosed = suspects.some((suspect) => suspect.enclosed)
    const intended = suspects.every((suspect) => suspect.rounded || (suspect.frozen && !suspect.enclosed))
    return {
      severity: intended ? 'info' : 'warning',
      where,
      message: frozen
        ? `Unchanged weights: ${list(where)} ${where.length > 1 ? 'are' : 'is'} frozen${enclosed ? ', between layers that are trained' : ''}.`
        : `Unchanged weights: ${list(where)} ${where.length > 1 ? 'are' : 'is'} trainable, but ${intended ? 'updates are lost in rounding' : 'no update arrives'}.`,
      meaning: 'These layers keep the weights they started with.',
      remedy: frozen
        ? 'First check that freezing them is meant: layer.trainable = false stays set, also after loading or in a second ' +
          'model that shares the layer, and a list given to minimize holds what is in it. Set it to true and compile ' +
          'again, or complete the list, if not.'
        : 'First look for a bug: variables missing from the list given to minimize, a learning rate of 0, weights put ' +
          'back after each step, an update that is computed and not assigned.',
      values: { kernels: where.length },
    }
  },
})

function measuredKernels({ variables }: Reading): VariableReading[] {
  return variables.filter(({ role, updateNorm }) => role === 'kernel' && updateNorm !== undefined)
}

/** Its gradient is 0 or missing: other rules say why. */
function standsStill({ gradient }: VariableReading): boolean {
  return gradient === 'missing' || (gradient !== undefined && gradient.norm === 0)
}
