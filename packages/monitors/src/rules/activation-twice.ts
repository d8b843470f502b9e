import { format } from '../finding.js'
import type { LayerReading, Reading } from '../reading.js'
import { lastingRule } from './lasting-rule.js'
import { fullName } from './variables.js'

interface Suspect {
  where: string
  activation: string
  /** Loss that was measured, and what it would be without the second activation; none for a second layer. */
  loss?: { measured: number; once: number }
}

/** Share of the difference between the two losses by which a measured one may miss. */
const CLOSE = 0.02
/** Losses that are closer than that say nothing. */
const APART = 0.05

/**
 * Softmax or sigmoid applied twice: in the model and in a loss that takes logits, which is told by its value, or in two
 * layers in a row. Probabilities taken for logits are at most 1 apart, so the loss has a floor: `ln(1 + (C − 1)/e)`.
 */
export const activationTwice = lastingRule<Suspect, { patience: number; readings: number }>({
  name: 'activation-twice',
  practice: 'P19',
  thresholds: { patience: 10, readings: 3 },
  find(reading) {
    const layer = repeatedLayer(reading)
    if (layer) return [{ where: fullName(layer), activation: layer.activation }]
    const { crossEntropy } = reading.answers ?? {}
    if (!crossEntropy) return undefined
    const { activation, once, twice } = crossEntropy
    const losses = reading.losses.find(({ step }) => step === reading.step)?.values ?? {}
    return Object.entries(losses).flatMap(([name, measured]) => {
      const apart = Math.abs(twice - once)
      const isTwice = apart > APART && Math.abs(measured - twice) < CLOSE * apart
      return isTwice ? [{ where: name, activation, loss: { measured, once } }] : []
    })
  },
  describe([suspect]) {
    const { where, activation, loss } = suspect!
    const name = activation === 'softmax' ? 'Softmax' : 'Sigmoid'
    return {
      severity: 'warning',
      where: [where],
      message: loss
        ? `${name} is applied twice, in the model and in the loss: ${where} is ${format(loss.measured)}, as if the ` +
          `probabilities of the outputs were logits; their cross-entropy is ${format(loss.once)}.`
        : `${name} is applied twice: ${where} has no weights and gets the result of a ${activation}.`,
      meaning:
        'Probabilities are at most 1 apart, so the second one can never be sure: the loss has a high floor, and gradients are small.',
      remedy:
        'First take one of them out: end the model without an activation where the loss expects logits ' +
        `(tf.losses.softmaxCrossEntropy, sigmoidCrossEntropy), or use a loss for probabilities (categoricalCrossentropy, ` +
        'binaryCrossentropy).',
      ...(loss && { values: { loss: loss.measured, once: loss.once } }),
    }
  },
})

/** The last layer, if it has no weights and repeats the activation of the one in front. */
function repeatedLayer({ layers, variables }: Reading): LayerReading | undefined {
  const last = layers.find(({ output }) => output)
  const before = last && layers[layers.indexOf(last) - 1]
  const isSquashing = last?.activation === 'softmax' || last?.activation === 'sigmoid'
  if (!last || !before || !isSquashing || before.activation !== last.activation) return undefined
  if (before.network !== last.network || before.summary.size !== last.summary.size) return undefined
  const hasWeights = variables.some(({ layer, network }) => layer === last.name && network === last.network)
  return hasWeights ? undefined : last
}
