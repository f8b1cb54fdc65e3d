/** Resident memory of a process that does nothing but train. */
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LlamaSizes } from '../models/llama.js';
import { meanOf } from '../statistics.js';

export interface MemoryPlan {
  readonly steps: number;
  /** Steps between two looks. */
  readonly interval: number;
  /** Steps before the first look: buffers and V8's heap still grow. */
  readonly warmUpSteps: number;
  /** The steps right after the warm-up are compared with as many at the end. */
  readonly windowSteps: number;
}

/** What the child is told; see `train-in-child.ts`. */
export interface MemoryJob {
  readonly sizes: LlamaSizes;
  readonly plan: MemoryPlan;
}

export interface MemorySample {
  readonly step: number;
  readonly bytes: number;
}

/** What the child tells. */
export interface MemoryResult {
  readonly samples: readonly MemorySample[];
  readonly peakBytes: number;
}

export function measureResidentMemory(job: MemoryJob): Promise<MemoryResult> {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(fileURLToPath(new URL('train-in-child.ts', import.meta.url)), [JSON.stringify(job)], {
    execArgv: ['--conditions=@transfusion/source', '--import', typescriptLoader],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let result: MemoryResult | undefined;
    child.on('message', (message) => (result = message as MemoryResult));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`the training process ended with ${signal ?? code} and without a result`));
    });
  });
}

/** How much more memory is resident in the last steps than in those right after the warm-up: 0.03 is 3 %. */
export function memoryGrowth(samples: readonly MemorySample[], plan: MemoryPlan): number {
  const { steps, warmUpSteps, windowSteps } = plan;
  const meanBetween = (first: number, last: number): number =>
    meanOf(samples.filter(({ step }) => step >= first && step <= last).map(({ bytes }) => bytes));
  const early = meanBetween(warmUpSteps, warmUpSteps + windowSteps);
  const late = meanBetween(steps - windowSteps, steps);
  return late / early - 1;
}
