import { serveFileUrls } from '@dlkit/corrections/file-urls'

export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageArgs,
  loadModelTensors,
  loadOptimizerTensors,
  modelTensors,
  optimizerTensors,
} from '@dlkit/optimizers'
export type { BestArgs } from './best-checkpoints.js'
export type { Callback, MetricsEvent, StartEvent, StepEvent, StepsResult } from './callback.js'
export {
  every,
  type LossObserver,
  logMetrics,
  NonFiniteLossError,
  watchLosses,
} from './callbacks/basic-callbacks.js'
export { type BestWeights, bestWeights } from './callbacks/best-weights.js'
export { type CheckpointArgs, checkpoint } from './callbacks/checkpoint.js'
export { type EarlyStopArgs, earlyStop } from './callbacks/early-stop.js'
export { type FitCallbackArgs, fitCallback } from './callbacks/fit-callback.js'
export { learningRate, type ObservingSchedule, type Schedule } from './callbacks/learning-rate.js'
export type { MetricArgs } from './callbacks/metric.js'
export { type ObeyCommandsArgs, obeyCommands } from './callbacks/obey-commands.js'
export { type ProgressArgs, progress } from './callbacks/progress-line.js'
export { type EpochDataset, skipEpochs } from './callbacks/skip-epochs.js'
export { CheckpointError } from './checkpoint-files.js'
export { type DryRunArgs, DryRunError, type DryRunResult, type DryRunStage, dryRun } from './dry-run.js'
export { type BatchTrial, type LargestBatch, type LargestBatchArgs, largestBatch } from './largest-batch.js'
export { type LoadCheckpointArgs, type LoadedCheckpoint, loadCheckpoint } from './load-checkpoint.js'
export type { Part, Parts, StatePart, TensorPart } from './parts/part.js'
export { loadParts, type ResumePoint, resume, type SavePartsArgs, saveParts } from './parts/resume.js'
export { replayedStep } from './replayed-step.js'
export { type MetricsLine, RunFolder, RunFolderError } from './run-folder.js'
export { RunLockedError } from './run-lock.js'
export { type RunStepsArgs, runSteps } from './run-steps.js'
export {
  decodeSafetensors,
  type EncodeArgs,
  encodeSafetensors,
  type Precision,
  SafetensorsError,
  type StoredTensor,
} from './safetensors.js'
export { type CheckpointContent, type SaveCheckpointArgs, saveCheckpoint } from './save-checkpoint.js'
export {
  type CompareArgs,
  type Comparison,
  compareWithBaseline,
  type Measurements,
} from './statistics/compare.js'
export { joinGroups, takeGroup } from './tensor-groups.js'
export { type TransferArgs, type TransferReport, transferWeights } from './weights/transfer-weights.js'
export { readWeights, type SaveModelArgs, saveModel, saveWeights } from './weights/weight-files.js'

serveFileUrls()
