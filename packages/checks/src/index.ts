export { batchIndependence } from './batch-independence.js'
export type { CheckResult, Judgement, Verdict } from './check-result.js'
export type { Check } from './define-check.js'
export { gradientReaches } from './gradient-reaches.js'
export { initialLoss } from './initial-loss.js'
export { learningRateRangeTest, type RateRangeJudgement } from './learning-rate-range-test.js'
export { type OverfitJudgement, overfitTinySet } from './overfit-tiny-set.js'
export type { CompiledModel, LossKind, Player, Players, Subject } from './player.js'
export {
  type PreflightOptions,
  type PreflightProgress,
  type PreflightReport,
  preflight,
} from './preflight.js'
export type { Picture } from './rate-picture.js'
export type { RatePoint, RateSuggestions } from './rate-suggestions.js'
export type { Batch, CheckData, Samples } from './samples.js'
export type { CheckOptions } from './session.js'
