/** Runs evaluators on a trained model, and keeps their results in a folder. */
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import {
  checkEvaluator,
  runEvaluator,
  type Evaluation,
  type Evaluator,
  type Shard,
} from '@transfusion/evaluators';
import type { TrainedModel } from '@transfusion/pipelines';
import { hashParams } from './hash-params.js';
import { modelPredictors, type PredictorOptions } from './model-predictors.js';
import { storeShownValues } from './shown-values.js';

/** An evaluator, with the settings of its evaluation. */
export interface EvaluatorRun {
  readonly evaluator: Evaluator;
  /** Number of examples, the first ones; defaults to all. */
  readonly limit?: number;
  /** Settings of generation. */
  readonly predictor?: PredictorOptions;
}

/** Options of {@link evaluateModel}. */
export interface EvaluateModelOptions {
  /** Name of the model, for people: `runs/emoji, step 4500`. */
  readonly subject: string;
  /**
   * Folder of the results: `<evaluator>.jsonl`, and `<evaluator>/` with values to look at. An evaluation that was stopped goes
   * on after its last result, if the model has the same weights and the settings are the same.
   */
  readonly folder: string;
  /** Part of the examples to evaluate; its file is `<evaluator>.<index>-of-<count>.jsonl`. By default all. */
  readonly shard?: Shard;
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
 * Runs evaluators one after the other; all are checked before the first one runs.
 *
 * @throws TransfusionError as `runEvaluator`, and `invalid-argument` for two evaluators of one name
 */
export async function* evaluateModel(
  trained: TrainedModel,
  evaluators: readonly EvaluatorRun[],
  { subject, folder, shard, numShown = 24, onExample, signal }: EvaluateModelOptions,
): AsyncGenerator<Evaluation> {
  checkEvaluators(trained, evaluators);
  const weights = await hashParams(trained.params);
  for (const { evaluator, limit, predictor = {} } of evaluators) {
    const { name } = evaluator;
    const settings = Object.entries(predictor).filter(([, value]) => value !== undefined);
    yield await runEvaluator(evaluator, modelPredictors(trained, predictor), {
      subject,
      model: [`weights ${weights}`, ...settings.map(([key, value]) => `${key} ${value}`)].join(', '),
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

function checkEvaluators(trained: TrainedModel, evaluators: readonly EvaluatorRun[]): void {
  const names = new Set<string>();
  for (const { evaluator } of evaluators) {
    checkEvaluator(evaluator, modelPredictors(trained));
    if (names.has(evaluator.name)) {
      throw new TransfusionError(
        'invalid-argument',
        `evaluateModel: found two evaluators '${evaluator.name}', expected each name once. Rename one.`,
      );
    }
    names.add(evaluator.name);
  }
}
