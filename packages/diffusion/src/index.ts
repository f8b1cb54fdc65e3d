export { ddim, type DdimOptions } from './ddim.js';
export { ddpm } from './ddpm.js';
export type { DiffusionOptions } from './diffusion-process.js';
export { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
export { flowEuler } from './flow-euler.js';
export { flowHeun } from './flow-heun.js';
export { minSnr, uniform, velocity, type LossWeighting } from './loss-weighting.js';
export {
  createNoiseSchedule,
  noiseLevelAt,
  type BetaSchedule,
  type NoiseSchedule,
  type NoiseScheduleOptions,
} from './noise-schedule.js';
export type {
  InferenceStep,
  NoiseScheduler,
  PredictionType,
  SamplerMemory,
  StepOptions,
  StepResult,
} from './noise-scheduler.js';
export { snr, type NoiseLevel } from './prediction.js';
export { logitNormal, type FlowOptions, type SigmaDistribution } from './rectified-flow.js';
export type { TimestepSpacing } from './timestep-spacing.js';
