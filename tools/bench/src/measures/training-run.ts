/** A training run as users start it, in a process of its own: how long it waits for data, and its memory. */
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TransfusionSizes } from '../models/transfusion.js';

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
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const script = fileURLToPath(new URL('training-run-in-child.ts', import.meta.url));
  const child = fork(script, [JSON.stringify(job)], {
    execArgv: ['--conditions=@transfusion/source', '--import', typescriptLoader],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let result: TrainingRunResult | undefined;
    child.on('message', (message) => (result = message as TrainingRunResult));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`the training run ended with ${signal ?? code} and without a result`));
    });
  });
}
