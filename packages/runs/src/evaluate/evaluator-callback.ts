import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createEngine, type Transfusion, type TransfusionParams } from '@transfusion/core';
import { checkEvaluator, type Evaluation } from '@transfusion/evaluators';
import type { TrainCallback } from '@transfusion/trainer';
import type { RecipeEvaluator } from '../recipe.js';
import { evaluateModel, resultsPath } from './evaluate-model.js';
import { modelPredictors } from './model-predictors.js';

/** Options of {@link evaluatorCallback}. */
export interface EvaluatorCallbackOptions {
  /** Name of the run. */
  readonly subject: string;
  onEvaluation?(step: number, evaluation: Evaluation): void;
  /** Leaves the evaluation at hand; the next step of the training then ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Creates the callback that evaluates the EMA of the parameters, logs the metrics as `<evaluator>/<metric>`, and writes the
 * results to `evaluations/step-00000500/` in the run's folder.
 *
 * @throws TransfusionError `invalid-plugin` or `invalid-argument` for an evaluator that cannot run on this model
 */
export function evaluatorCallback(
  model: Transfusion,
  { every, ...run }: RecipeEvaluator,
  { subject, onEvaluation, signal }: EvaluatorCallbackOptions,
): TrainCallback<TransfusionParams> {
  const { name } = run.evaluator;
  checkEvaluator(run.evaluator, modelPredictors({ model, params: {} as TransfusionParams }));
  return {
    every,
    run: async ({ ema, step, directory, log }) => {
      const engine = createEngine(model, ema);
      const folder = join(directory, 'evaluations', `step-${String(step).padStart(8, '0')}`);
      // Of a step that was trained before the run was interrupted, maybe with other settings.
      await rm(resultsPath(folder, name), { force: true });
      await rm(join(folder, name), { recursive: true, force: true });
      const options = { subject: `${subject}, step ${step}`, folder, signal };
      try {
        for await (const evaluation of evaluateModel({ model, params: ema, engine }, [run], options)) {
          const scalars = evaluation.metrics.map(
            ({ name: metric, value }) => [`${name}/${metric}`, value] as const,
          );
          await log(Object.fromEntries(scalars));
          onEvaluation?.(step, evaluation);
        }
      } catch (error) {
        if (signal?.aborted !== true || error !== signal.reason) throw error;
      } finally {
        engine.dispose();
      }
    },
  };
}
