/** A training run as users start it, in a process of its own: how long it waits for data, and its memory. */
import type { TransfusionSizes } from '../models/transfusion.js';
import { runInChild } from './run-in-child.js';

/** Arguments of the child process; see `training-run-in-child.ts`. */
export interface TrainingRunJob {
  readonly sizes: TransfusionSizes;
  readonly steps: number;
}

/** Result of the child process. */
export interface TrainingRunResult {
  /** Of each step after the first two, in milliseconds. */
  readonly waits: readonly number[];
  readonly steps: readonly number[];
  /** The most that was resident of the process. */
  readonly peakBytes: number;
  /** The estimate of `estimateMemory`. */
  readonly estimatedBytes: number;
}

export function measureTrainingRun(job: TrainingRunJob): Promise<TrainingRunResult> {
  return runInChild('training-run-in-child.ts', job);
}
