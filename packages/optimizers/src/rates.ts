import { checkNotNegative, checkShares } from './check-options.js'
import { checkMatches, matches, matchesAny, type NamePattern } from './name-pattern.js'
import type { Step, Transform } from './step.js'

/** Weights whose learning rate is multiplied by a factor. */
export interface RateGroup {
  /** The weights of the group. */
  match: NamePattern
  /** Factor of the learning rate, at least 0. */
  factor: number
}

const namesOf = ({ updates }: Step) => updates.map(({ variable }) => variable.name)

/**
 * Multiplies the learning rate of groups of weights. A weight is in the first group that matches it; one that is in none
 * keeps the rate of the chain.
 *
 * @throws {RangeError} in a step, for a string or regular expression that matches no weight.
 */
export function scaleRates(groups: readonly RateGroup[]): Transform {
  for (const { factor } of groups) checkNotNegative('scaleRates', { factor })
  return scaling('scaleRates', groups)
}

/**
 * Leaves weights as they are, without states. Put it first, so that their gradients count nowhere.
 *
 * @throws {RangeError} in a step, for a string or regular expression that matches no weight.
 */
export function freeze(...patterns: readonly NamePattern[]): Transform {
  return {
    name: 'freeze',
    takesScale: true,
    update(step) {
      checkMatches('freeze', patterns, namesOf(step))
      const updates = step.updates.filter(({ variable }) => !matchesAny(patterns, variable.name))
      return { ...step, updates }
    },
  }
}

/** Options of `layerwiseDecay`. */
export interface LayerwiseDecayArgs {
  /** Factor of the rate from a layer to the one before it, in [0, 1). 0.65 to 0.9 for fine-tuning. */
  decay: number
  /** From the inputs to the outputs: patterns, or the layers of a model, `model.layers`. The last has the full rate. */
  layers: readonly NamePattern[]
}

/**
 * Lower rates for earlier layers, for fine-tuning: `decay^(layers that follow)`. Layers without weights do not count;
 * weights of no layer have the full rate.
 *
 * Howard and Ruder 2018 (arXiv:1801.06146).
 */
export function layerwiseDecay({ decay, layers }: LayerwiseDecayArgs): Transform {
  checkShares('layerwiseDecay', { decay })
  const withWeights = layers.filter(
    (layer) => typeof layer === 'string' || layer instanceof RegExp || layer.weights.length > 0,
  )
  const groups = withWeights.map((match, i) => ({ match, factor: decay ** (withWeights.length - 1 - i) }))
  return scaling('layerwiseDecay', groups)
}

function scaling(name: string, groups: readonly RateGroup[]): Transform {
  const patterns = groups.map(({ match }) => match)
  return {
    name,
    takesScale: true,
    update(step) {
      checkMatches(name, patterns, namesOf(step))
      const updates = step.updates.map((update) => {
        const group = groups.find(({ match }) => matches(match, update.variable.name))
        return group === undefined ? update : { ...update, factor: update.factor * group.factor }
      })
      return { ...step, updates }
    },
  }
}
