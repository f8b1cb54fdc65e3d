import { availableParallelism } from 'node:os';

/** One stretch of repeated work. */
export interface Sample {
  readonly calls: number;
  readonly milliseconds: number;
  /** Processor time of all threads together. */
  readonly processorMilliseconds: number;
}

/**
 * Calls `work` until the time is over, at least once. Stretches of like length are disturbed alike
 * by other programs, so that short and long work can be compared.
 */
export function sample(work: () => void, atLeastMilliseconds: number): Sample {
  const processorBefore = process.cpuUsage();
  const started = performance.now();
  let calls = 0;
  let milliseconds: number;
  do {
    work();
    calls++;
    milliseconds = performance.now() - started;
  } while (milliseconds < atLeastMilliseconds);
  const { user, system } = process.cpuUsage(processorBefore);
  return { calls, milliseconds, processorMilliseconds: (user + system) / 1000 };
}

export function gflopsOf({ calls, milliseconds }: Sample, flopsPerCall: number): number {
  return (flopsPerCall * calls) / milliseconds / 1e6;
}

export function millisecondsPerCall({ calls, milliseconds }: Sample): number {
  return milliseconds / calls;
}

/**
 * The part of the machine that this process had, 0 to 1: ONNX Runtime's threads keep every processor
 * busy while it runs, so what is missing from 1 went to other programs.
 */
export function processorShare({ milliseconds, processorMilliseconds }: Sample): number {
  return processorMilliseconds / milliseconds / availableParallelism();
}
