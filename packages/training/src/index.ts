import { serveFileUrls } from '@dlkit/corrections/file-urls'

export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageArgs,
  loadModelTensors,
  loadOptimizerTensors,
  modelTensors,
  optimizerTensors,
} from '@dlkit/optimizers'
export { every, type LossObserver, logMetrics, NonFiniteLossError, watchLosses } from './callbacks.js'
export { CheckpointError } from './checkpoint-files.js'
export { type LoadedCheckpoint, loadCheckpoint } from './load-checkpoint.js'
export { replayedStep } from './replayed-step.js'
export { type MetricsLine, RunFolder, RunFolderError } from './run-folder.js'
export { RunLockedError } from './run-lock.js'
export { type Callback, type RunStepsArgs, runSteps, type StepEvent, type StepsResult } from './run-steps.js'
export { decodeSafetensors, encodeSafetensors, SafetensorsError, type StoredTensor } from './safetensors.js'
export { type CheckpointContent, saveCheckpoint } from './save-checkpoint.js'
export { joinGroups, takeGroup } from './tensor-groups.js'

serveFileUrls()
