/** Resident memory of a process that does nothing but generate. */
import type { MeasureGroup } from '../measure.js';
import type { GenerationModelName } from '../models/generation.js';
import { meanOf } from '../statistics.js';
import { runInChild } from './run-in-child.js';

/** Arguments of the child process; see `generate-in-child.ts`. */
export interface GenerationMemoryJob {
  readonly name: GenerationModelName;
  readonly numRequests: number;
}

/** Result of the child process. */
export interface GenerationMemoryResult {
  readonly warmedUpBytes: number;
  /** After every so many requests. */
  readonly samples: readonly number[];
}

const LIMITS = { shipped: 1e9, '40m': 2.5e9 } as const;

/** Measures each model in a process of its own. */
export async function measureGenerationMemory(
  models: readonly GenerationModelName[],
  numRequests: Readonly<Record<GenerationModelName, number>>,
): Promise<MeasureGroup> {
  const group = [];
  for (const name of models) {
    const job: GenerationMemoryJob = { name, numRequests: numRequests[name] };
    const { warmedUpBytes, samples } = await runInChild<GenerationMemoryResult>('generate-in-child.ts', job);
    const quarter = Math.max(1, samples.length >> 2);
    const growth = meanOf(samples.slice(-quarter)) / meanOf(samples.slice(quarter, 2 * quarter)) - 1;
    group.push(
      {
        name: `${name}.memory.warm`,
        label: `${name}: after warmUp`,
        value: warmedUpBytes / 1e9,
        unit: 'GB',
        floor: { below: LIMITS[name] / 1e9 },
      },
      {
        name: `${name}.memory.growth`,
        label: `${name}: growth over ${job.numRequests} mixed requests`,
        value: growth * 100,
        unit: '%',
        floor: { below: 5 },
        note: 'last quarter over the second',
      },
    );
  }
  return { title: 'Resident memory', measures: group };
}
