export {
  listCheckpoints,
  saveCheckpoint,
  type CheckpointTrees,
  type StoredCheckpoint,
} from './checkpoint.js';
export type { CheckpointInfo } from './checkpoint-manifest.js';
export type { FileDigest } from './file-digest.js';
export { openCheckpoint, type Checkpoint } from './open-checkpoint.js';
export { openMetricsLog, readMetrics, type MetricsLine, type MetricsLog } from './metrics-log.js';
export { openTensorBoardLog, type TensorBoardLog } from './tensorboard-log.js';
export {
  createTrainStep,
  type StepReport,
  type TrainState,
  type TrainStep,
  type TrainStepOptions,
} from './train-step.js';
export type { BatchSizes, TrainableModel } from './trainable-model.js';
export { lockDirectory, withDirectoryLock, type DirectoryLock } from './directory-lock.js';
export { exportCheckpoint } from './export-checkpoint.js';
export { describeNonFinite, type StepMetrics } from './step-metrics.js';
export {
  train,
  type CallbackContext,
  type PeriodicParamUpdate,
  type TrainCallback,
  type TrainingBatchEntry,
  type TrainOptions,
  type TrainResult,
} from './train.js';
export { firstDifference } from './first-difference.js';
export { trainedParams } from './trained-params.js';
export { validationLoss, type ValidationLoss, type ValidationLossOptions } from './validation-loss.js';
