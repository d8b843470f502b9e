export type { PairedEffect } from '@dlkit/training/statistics'
export { type AblationEffect, type AblationOptions, type AblationResult, ablation } from './ablation.js'
export type { Executor, Outcome, TrialHooks, TrialRequest } from './executor.js'
export { childProcesses } from './executors/child-processes.js'
export { inProcess } from './executors/in-process.js'
export type { QueueOptions, RedisConnection } from './executors/queue-connection.js'
export { type SearchWorker, startWorker, type WorkerOptions } from './executors/queue-worker.js'
export { redisQueue } from './executors/redis-queue.js'
export type { ChildOptions } from './executors/run-in-child.js'
export { parameterImportance } from './importance.js'
export { JournalError } from './journal/journal-file.js'
export { type Objective, type TrialContext, TrialStopped } from './objective.js'
export { paretoFront } from './pareto.js'
export type { Decision, Pruner } from './pruner.js'
export { medianPruner } from './pruners/median-pruner.js'
export { successiveHalving } from './pruners/successive-halving.js'
export { readStudies, type StudyView } from './read-studies.js'
export { type RunStudyOptions, runStudy } from './run-study.js'
export type { History, Sampler, Suggestion } from './sampler.js'
export { coarseToFineSampler, type Limits } from './samplers/coarse-to-fine-sampler.js'
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
export { openStudy, type Study, type StudyOptions } from './study.js'
export type { Direction, Trial, TrialState } from './trial.js'
export { type TuningPlanOptions, type TuningResult, type TuningStage, tuningPlan } from './tuning-plan.js'
