/** Resident memory of a process that does nothing but train. */
import type { LlamaSizes } from '../models/llama.js';
import { meanOf } from '../statistics.js';
import { runInChild } from './run-in-child.js';

export interface MemoryPlan {
  readonly steps: number;
  /** Steps between two looks. */
  readonly interval: number;
  /** Steps before the first look: buffers and V8's heap still grow. */
  readonly warmUpSteps: number;
  /** The steps right after the warm-up are compared with as many at the end. */
  readonly windowSteps: number;
}

/** Arguments of the child process; see `train-in-child.ts`. */
export interface MemoryJob {
  readonly sizes: LlamaSizes;
  readonly plan: MemoryPlan;
}

export interface MemorySample {
  readonly step: number;
  readonly bytes: number;
}

/** Result of the child process. */
export interface MemoryResult {
  readonly samples: readonly MemorySample[];
  readonly peakBytes: number;
}

export function measureResidentMemory(job: MemoryJob): Promise<MemoryResult> {
  return runInChild('train-in-child.ts', job);
}

/** Growth of resident memory from the steps right after the warm-up to the last ones: 0.03 is 3 %. */
export function memoryGrowth(samples: readonly MemorySample[], plan: MemoryPlan): number {
  const { steps, warmUpSteps, windowSteps } = plan;
  const meanBetween = (first: number, last: number): number =>
    meanOf(samples.filter(({ step }) => step >= first && step <= last).map(({ bytes }) => bytes));
  const early = meanBetween(warmUpSteps, warmUpSteps + windowSteps);
  const late = meanBetween(steps - windowSteps, steps);
  return late / early - 1;
}
