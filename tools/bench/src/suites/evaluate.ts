/**
 * `pnpm bench evaluate`: multiple choice with and without shared beginnings, the Fréchet distance of features, and a feature
 * network. Two minutes on two idle processors.
 */
import * as tf from '@transfusion/tfjs';
import type { MeasureGroup } from '../measure.js';
import { measureChoices, type ChoiceTask } from '../measures/choice-rates.js';
import { measureDistance, measureFeatures, type DistanceJob } from '../measures/feature-rates.js';
import { generationModel, type GenerationModelName } from '../models/generation.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** Counts of a run. */
export interface EvaluatePlan {
  readonly model: GenerationModelName;
  readonly choiceTasks: readonly ChoiceTask[];
  readonly rounds: number;
  readonly distance: DistanceJob;
  /** Images of each of the samples of the feature network. */
  readonly numImages: number;
}

/** Lengths of questions and endings of HellaSwag, as a tokenizer of 32,000 tokens divides them; and with five examples. */
const hellaswag: ChoiceTask = {
  name: 'hellaswag',
  label: 'lengths of HellaSwag',
  numQuestions: 16,
  numChoices: 4,
  promptLength: 0,
  contextLength: 90,
  choiceLength: 30,
  // Without examples the lengths allow 2.29.
  ratioFloor: 2,
};
const fewShot: ChoiceTask = {
  ...hellaswag,
  name: 'few-shot',
  label: '  after five examples',
  promptLength: 600,
  numQuestions: 8,
};

const fullPlan: EvaluatePlan = {
  model: '40m',
  choiceTasks: [hellaswag, fewShot],
  rounds: 5,
  distance: { count: 10_000, length: 2048 },
  numImages: 24,
};
const quickPlan: EvaluatePlan = {
  ...fullPlan,
  rounds: 1,
  distance: { count: 500, length: 512 },
  numImages: 8,
};

export const evaluateSuite: Suite = {
  description: 'multiple choice with and without shared beginnings, Fréchet distances, a feature network',
  run: (options) => measureEvaluate(options.quick ? quickPlan : fullPlan, options),
};

export async function measureEvaluate(
  { model, choiceTasks, rounds, distance, numImages }: EvaluatePlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');
  progress('Multiple choice');
  const choices = await measureChoices(await generationModel(model), choiceTasks, rounds);
  progress('Fréchet distance');
  const distances = await measureDistance(distance);
  progress('Feature network');
  return [choices, distances, await measureFeatures(numImages, 3)];
}
