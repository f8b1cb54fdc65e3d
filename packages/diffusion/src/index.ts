export type {
  InferenceStep,
  NoiseScheduler,
  PredictionType,
  SamplerMemory,
  StepOptions,
  StepResult,
} from './noise-scheduler.js';
