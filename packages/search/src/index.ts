export { paretoFront } from './pareto.js'
export type { History, Sampler, Suggestion } from './sampler.js'
export { coarseToFineSampler } from './samplers/coarse-to-fine-sampler.js'
export { gridSampler } from './samplers/grid-sampler.js'
export { randomSampler } from './samplers/random-sampler.js'
export { sobolSampler } from './samplers/sobol-sampler.js'
export { tpeSampler } from './samplers/tpe-sampler.js'
export {
  type ChoiceParameter,
  type ChoiceValue,
  type ConditionalParameter,
  choice,
  conditional,
  type FloatParameter,
  type IntParameter,
  int,
  logUniform,
  type Parameter,
  type Params,
  type ParamsOf,
  type Space,
  uniform,
} from './space.js'
export type { Direction, Trial, TrialState } from './trial.js'
