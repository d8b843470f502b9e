export { accumulate } from './accumulate.js'
export { type AdafactorArgs, adafactor } from './adafactor.js'
export { type AdamArgs, type AdamWArgs, adam, adamW } from './adam.js'
export { centralize } from './centralize.js'
export { Chain, type ChainElement, chain } from './chain.js'
export { type AdaptiveClipArgs, adaptiveClip, clipByGlobalNorm, clipByNorm, clipByValue } from './clip.js'
export type { Discriminator } from './discriminator.js'
export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageArgs,
} from './exponential-moving-average.js'
export { type GradientPenaltyArgs, gradientPenalty, type PenaltyArgs, r1, r2 } from './gradient-penalty.js'
export type { LearningRate, Schedule } from './learning-rate.js'
export { type LionArgs, lion } from './lion.js'
export { meanOfTensors } from './mean-of-tensors.js'
export { assignWeights, loadModelTensors, type ModelWeights, modelTensors } from './model-tensors.js'
export { type NadamArgs, nadam } from './nadam.js'
export { matchesAny, type NamePattern } from './name-pattern.js'
export { loadOptimizerTensors, optimizerTensors } from './optimizer-tensors.js'
export { freeze, type LayerwiseDecayArgs, layerwiseDecay, type RateGroup, scaleRates } from './rates.js'
export {
  type PlateauSchedule,
  type PlateauState,
  type ReduceOnPlateauArgs,
  reduceOnPlateau,
} from './reduce-on-plateau.js'
export { type RmspropArgs, rmsprop } from './rmsprop.js'
export {
  constant,
  cosine,
  cosineRestarts,
  type ExponentialArgs,
  exponential,
  inverseSquareRoot,
  linear,
  type OneCycleArgs,
  oneCycle,
  polynomial,
  type RampArgs,
  type WarmupArgs,
  warmup,
} from './schedules.js'
export { type SgdArgs, sgd } from './sgd.js'
export { skipNonFinite } from './skip-non-finite.js'
export { type State, type Step, stateOf, type Transform, type Update } from './step.js'
export { StochasticWeightAverage } from './stochastic-weight-average.js'
export type { WeightAverage, WeightAverageArgs } from './weight-average.js'
export { type WeightDecayArgs, weightDecay } from './weight-decay.js'
