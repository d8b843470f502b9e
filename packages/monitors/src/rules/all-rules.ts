import { activationTwice } from './activation-twice.js'
import { fixedBatches, repeatedBatch, unshuffledBatches } from './batches.js'
import { constantFeature } from './constant-feature.js'
import { dataScale } from './data-scale.js'
import { deadUnits } from './dead-units.js'
import { explodingGradient } from './exploding-gradient.js'
import {
  collapsedOutputs,
  discriminatorLoses,
  discriminatorWins,
  generatorStarves,
  washedOutColours,
} from './gan.js'
import { initialization } from './initialization.js'
import { labels, leakedLabels } from './labels.js'
import { initialLoss, lossAtChance } from './loss-and-chance.js'
import { penaltyDominates, termDominates } from './loss-balance.js'
import {
  lossDiverging,
  lossNotDecreasing,
  lossOscillating,
  lossSpiking,
  plateau,
  unboundedLoss,
} from './loss-course.js'
import { missingGradient } from './missing-gradient.js'
import { nonFinite } from './non-finite.js'
import { overfitting, smallValidation } from './overfitting.js'
import type { Rule } from './rule.js'
import { saturatedUnits } from './saturated-units.js'
import { smallBatch } from './small-batch.js'
import { unchangedWeights } from './unchanged-weights.js'
import { largeUpdates, smallUpdates } from './update-ratio.js'
import { vanishingGradient } from './vanishing-gradient.js'
import { zeroGradient } from './zero-gradient.js'

/** In the order in which their findings are reported: bugs and data first, the learning rate and the design last. */
export const allRules: readonly Rule[] = [
  nonFinite,
  dataScale,
  constantFeature,
  labels,
  leakedLabels,
  repeatedBatch,
  unshuffledBatches,
  fixedBatches,
  initialization,
  initialLoss,
  activationTwice,
  missingGradient,
  zeroGradient,
  unchangedWeights,
  unboundedLoss,
  vanishingGradient,
  explodingGradient,
  deadUnits,
  saturatedUnits,
  penaltyDominates,
  termDominates,
  lossNotDecreasing,
  lossAtChance,
  lossDiverging,
  lossSpiking,
  lossOscillating,
  smallBatch,
  largeUpdates,
  smallUpdates,
  overfitting,
  smallValidation,
  plateau,
  discriminatorWins,
  discriminatorLoses,
  generatorStarves,
  collapsedOutputs,
  washedOutColours,
]
