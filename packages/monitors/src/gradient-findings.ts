import { type Finding, finiteValues, format } from './finding.js'
import type { VariableGradient } from './read-gradients.js'

/** A finding before it is bound to its step. */
export type Draft = Omit<Finding, 'step'>

const LISTED = 4

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ')
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown
}

/** NaN, Inf or a norm beyond float32 in at least one gradient. `broken` is listed from the last variable to the first. */
export function nonFiniteGradients(name: string, broken: VariableGradient[], total: number): Draft {
  const kind = broken.some(({ meanAbs }) => Number.isNaN(meanAbs)) ? 'NaN' : 'Inf'
  return {
    monitor: `${name}.nonFinite`,
    severity: 'error',
    message:
      `${kind} in the gradients of ${broken.length} of ${total} variables: ` +
      `${list(broken.map((variable) => variable.name))} (from the output backwards).`,
    remedy:
      'Go back to the last checkpoint; these weights are lost after the update. Rule out first: NaN or unscaled ' +
      'values in the inputs (bring them to [-1, 1] or zero mean); weights initialized with more than ' +
      'σ = √(2/fan_in); a loss that takes log(0), √0 or x/0 (add 1e-7 inside). Then clip the global norm; lower ' +
      'the learning rate only when all of that is in order.',
    practice: 'P9',
    values: { variables: broken.length, total },
  }
}

/** The global norm is far above its running median. */
export function explodingGradients(
  name: string,
  globalNorm: number,
  median: number,
  largest: VariableGradient,
): Draft {
  const ratio = globalNorm / median
  return {
    monitor: `${name}.exploding`,
    severity: 'warning',
    message:
      `Global gradient norm ${format(globalNorm)} is ${format(ratio)} times its running median ${format(median)}; ` +
      `the largest share has ${largest.name} with ${format(largest.norm)}.`,
    remedy:
      'Rule out first: an outlier or unscaled sample in this batch (inputs belong in [-1, 1] or at zero mean); ' +
      'weights initialized with more than σ = √(2/fan_in); a bug in the loss, such as a division by almost 0 or a ' +
      `sum where a mean was meant. If it comes back, clip the global norm at ${format(2 * median)} (twice the ` +
      'median); lower the learning rate, by a factor of 3, only after that.',
    practice: 'P9',
    values: finiteValues({ globalNorm, median, ratio }),
  }
}

/** Variables whose gradients have stayed tiny. `tiny` is listed from the last variable to the first. */
export function vanishingGradients(
  name: string,
  tiny: VariableGradient[],
  threshold: number,
  largest: VariableGradient,
): Draft {
  const smallest = tiny.reduce((least, variable) => (variable.meanAbs < least.meanAbs ? variable : least))
  return {
    monitor: `${name}.vanishing`,
    severity: 'warning',
    message:
      `Mean |gradient| stays below ${format(threshold)} in ${list(tiny.map((variable) => variable.name))} ` +
      `(from the output backwards): ${format(smallest.meanAbs)} in ${smallest.name}, against ` +
      `${format(largest.meanAbs)} in ${largest.name}.`,
    remedy:
      'Rule out first: inputs that are not scaled to [-1, 1] or zero mean and saturate sigmoid or tanh; weights ' +
      'that start at 0 or far from σ = √(2/fan_in); bugs: a bias in front of batch normalization (set useBias: ' +
      'false), dead ReLUs (try leaky ReLU with slope 0.01 or PReLU), a loss that is already 0 or divided by too ' +
      'much. Then add batch normalization or skip connections; change the learning rate or the design last.',
    practice: 'P9',
    values: finiteValues({ meanAbs: smallest.meanAbs, largest: largest.meanAbs, variables: tiny.length }),
  }
}

/** Variables handed to the optimizer that the loss does not depend on. */
export function missingGradients(name: string, missing: readonly string[]): Draft {
  return {
    monitor: `${name}.missing`,
    severity: 'warning',
    message: `The loss does not depend on ${list(missing)}: no gradient arrives there.`,
    remedy:
      'Look for a bug: a layer that is built but not called, a value read with dataSync or wrapped in tf.tensor on ' +
      'the way to the loss, or an output without a loss. Leave the variable out of varList if that is intended.',
    practice: 'P9',
    values: { variables: missing.length },
  }
}
