import { availableParallelism, cpus, loadavg } from 'node:os';

/** The hardware and software that the figures depend on, besides the code. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly platform: string;
  readonly node: string;
  /** Programs that were running or waiting on average over the last minute; 0 on Windows. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    loadAverage: loadavg()[0],
  };
}

/** Returns true if other programs load the machine so much that the figures mean little. */
export function isBusy({ loadAverage, processors }: Machine): boolean {
  return loadAverage > 0.25 * processors;
}
