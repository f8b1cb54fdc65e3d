/**
 * `pnpm bench generate`: tokens and images a second of the shipped model and of the 40M preset, beside the plain
 * loop, matrix products and the machine's memory; memory over many requests.
 */
import * as tf from '@transfusion/tfjs';
import type { MeasureGroup } from '../measure.js';
import { measureGenerationMemory } from '../measures/generation-memory.js';
import { measureGeneration, type GenerationPlan } from '../measures/generation-rates.js';
import { generationModel, generationModels, type GenerationModelName } from '../models/generation.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** Counts of a run. */
export type GeneratePlan = GenerationPlan & {
  readonly models: readonly GenerationModelName[];
  /** Mixed requests over which memory is watched. */
  readonly numRequests: Readonly<Record<GenerationModelName, number>>;
};

const fullPlan: GeneratePlan = {
  models: generationModels,
  numTokens: 50,
  numPlainTokens: 12,
  rounds: 6,
  numSteps: 25,
  imageBatches: [1, 8],
  sgemmSizes: [1024, 2048],
  numRequests: { shipped: 1000, '40m': 400 },
};

const quickPlan: GeneratePlan = {
  ...fullPlan,
  numTokens: 20,
  numPlainTokens: 5,
  rounds: 2,
  numSteps: 4,
  numRequests: { shipped: 80, '40m': 24 },
};

export const generateSuite: Suite = {
  description: 'tokens and images a second, against the plain loop and the machine; memory',
  run: (options) => measureGenerate(options.quick ? quickPlan : fullPlan, options),
};

export async function measureGenerate(
  plan: GeneratePlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');
  const groups: MeasureGroup[] = [];
  for (const name of plan.models) {
    progress(`Generation, ${name}`);
    groups.push(await measureGeneration(await generationModel(name), plan));
  }
  progress('Memory over many requests');
  return [...groups, await measureGenerationMemory(plan.models, plan.numRequests)];
}
