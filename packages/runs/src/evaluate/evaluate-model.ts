/** Runs evaluators on a trained model, and keeps their results in a folder. */
import { join } from 'node:path';
import { runEvaluator, type Evaluation, type Evaluator, type Shard } from '@transfusion/evaluators';
import type { TrainedModel } from '@transfusion/pipelines';
import { modelPredictors, type PredictorOptions } from './model-predictors.js';
import { storeShownValues } from './shown-values.js';

/** Options of {@link evaluateModel}. */
export interface EvaluateModelOptions {
  /** Name of the model, for the files of results: `runs/emoji, step 4500`. */
  readonly subject: string;
  /**
   * Folder of the results: `<evaluator>.jsonl`, and `<evaluator>/` with values to look at. What it holds already is not
   * evaluated again.
   */
  readonly folder: string;
  /** Settings of generation. */
  readonly predictor?: PredictorOptions;
  /** Part of the examples to evaluate; its file is `<evaluator>.<index>-of-<count>.jsonl`. By default all. */
  readonly shard?: Shard;
  /** Number of examples, the first ones; defaults to all. */
  readonly limit?: number;
  /** Number of examples whose values are stored to look at, the first ones; defaults to 24. */
  readonly numShown?: number;
  /** Called after each example of an evaluator. */
  onExample?(evaluator: string, done: number): void;
  readonly signal?: AbortSignal;
}

/** Returns the file of an evaluator's results. */
export function resultsPath(folder: string, evaluator: string, shard?: Shard): string {
  const part = shard === undefined || shard.count === 1 ? '' : `.${shard.index}-of-${shard.count}`;
  return join(folder, `${evaluator}${part}.jsonl`);
}

/**
 * Runs evaluators one after the other.
 *
 * @throws TransfusionError as `runEvaluator`
 */
export async function* evaluateModel(
  trained: TrainedModel,
  evaluators: readonly Evaluator[],
  { subject, folder, predictor = {}, shard, limit, numShown = 24, onExample, signal }: EvaluateModelOptions,
): AsyncGenerator<Evaluation> {
  const predict = modelPredictors(trained, predictor);
  const settings = Object.entries(predictor).map(([name, value]) => `, ${name} ${value}`);
  for (const evaluator of evaluators) {
    const { name } = evaluator;
    yield await runEvaluator(evaluator, predict, {
      subject: `${subject}${settings.join('')}`,
      path: resultsPath(folder, name, shard),
      shard,
      limit,
      show: async (index, shown) =>
        index < numShown ? storeShownValues(trained.model.modalities, join(folder, name), index, shown) : [],
      onExample: (done) => onExample?.(name, done),
      signal,
    });
  }
}
