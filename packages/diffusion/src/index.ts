export { createNoiseScheduler, noiseSchedulerTypes } from './create-noise-scheduler.js';
export { ddim, type DdimOptions } from './ddim.js';
export { ddpm } from './ddpm.js';
export { diffusionProcess, type DiffusionOptions, type DiffusionProcess } from './diffusion-process.js';
export { dpmSolverPlusPlus } from './dpm-solver-plus-plus.js';
export { flowEuler } from './flow-euler.js';
export { flowHeun } from './flow-heun.js';
export { minSnr, uniform, velocity, type LossWeighting } from './loss-weighting.js';
export type { BetaSchedule, NoiseScheduleOptions } from './noise-schedule.js';
export type {
  InferenceStep,
  NoiseLevel,
  NoiseScheduler,
  NoiseSchedulerConfig,
  PredictionType,
  SamplerMemory,
  StepOptions,
  StepResult,
} from './noise-scheduler.js';
export type { ProgramResult, ProgramState, ProgramStep, SamplerProgram } from './program.js';
export { snr, type NoiseLevels } from './prediction.js';
export {
  logitNormal,
  rectifiedFlow,
  type FlowOptions,
  type RectifiedFlow,
  type SigmaDistribution,
} from './rectified-flow.js';
export { samplerFor, samplersFor } from './sampler-for.js';
export { samplerProgram } from './sampler-program.js';
export { spacedTimesteps, stepsThrough, type TimestepSpacing } from './timestep-spacing.js';
export { trainingProcess, type NoiseFamily, type TrainingProcess } from './training-process.js';
