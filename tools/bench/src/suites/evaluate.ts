/**
 * `pnpm bench evaluate`: multiple choice with and without shared beginnings. A minute on two idle processors.
 */
import * as tf from '@transfusion/tfjs';
import type { MeasureGroup } from '../measure.js';
import { measureChoices, type ChoiceTask } from '../measures/choice-rates.js';
import { generationModel, type GenerationModelName } from '../models/generation.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** Counts of a run. */
export interface EvaluatePlan {
  readonly model: GenerationModelName;
  readonly choiceTasks: readonly ChoiceTask[];
  readonly rounds: number;
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
  // Without examples the lengths allow little more than 2.
  ratioFloor: 1.6,
};
const fewShot: ChoiceTask = {
  ...hellaswag,
  name: 'few-shot',
  label: '  after five examples',
  promptLength: 600,
  ratioFloor: 2,
  numQuestions: 8,
};

const fullPlan: EvaluatePlan = { model: '40m', choiceTasks: [hellaswag, fewShot], rounds: 5 };
const quickPlan: EvaluatePlan = { ...fullPlan, rounds: 1 };

export const evaluateSuite: Suite = {
  description: 'multiple choice by log-likelihood, with and without shared beginnings',
  run: (options) => measureEvaluate(options.quick ? quickPlan : fullPlan, options),
};

export async function measureEvaluate(
  { model, choiceTasks, rounds }: EvaluatePlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');
  progress('Multiple choice');
  return [await measureChoices(await generationModel(model), choiceTasks, rounds)];
}
