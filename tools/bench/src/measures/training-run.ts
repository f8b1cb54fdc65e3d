/** A training run as users start it, in a process of its own: how long it waits for data, and its memory. */
import type { TransfusionSizes } from '../models/transfusion.js';
import { runInChild } from './run-in-child.js';

/** What the child is told; see `training-run-in-child.ts`. */
export interface TrainingRunJob {
  readonly sizes: TransfusionSizes;
  readonly steps: number;
}

/** What the child tells. */
export interface TrainingRunResult {
  /** Of each step after the first two, in milliseconds. */
  readonly waits: readonly number[];
  readonly steps: readonly number[];
  /** The most that was resident of the process. */
  readonly peakBytes: number;
  /** What `estimateMemory` says. */
  readonly estimatedBytes: number;
}

export function measureTrainingRun(job: TrainingRunJob): Promise<TrainingRunResult> {
  return runInChild('training-run-in-child.ts', job);
}
