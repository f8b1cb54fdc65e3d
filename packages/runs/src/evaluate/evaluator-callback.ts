import { join } from 'node:path';
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { createEngine } from '@transfusion/core';
import { checkEvaluator, type Evaluation } from '@transfusion/evaluators';
import type { TrainCallback } from '@transfusion/trainer';
import type { RecipeEvaluator } from '../recipe.js';
import { evaluateModel } from './evaluate-model.js';
import { modelPredictors } from './model-predictors.js';

/**
 * Creates the callback that evaluates the EMA of the parameters, logs the metrics as `<evaluator>/<metric>`, and writes the
 * results to `evaluations/step-00000500/` in the run's folder.
 *
 * @throws TransfusionError `invalid-plugin` or `invalid-argument` for an evaluator that cannot run on this model
 */
export function evaluatorCallback(
  model: Transfusion,
  { every, evaluator, limit, predictor }: RecipeEvaluator,
  {
    subject,
    onEvaluation,
  }: { readonly subject: string; onEvaluation?(step: number, evaluation: Evaluation): void },
): TrainCallback<TransfusionParams> {
  checkEvaluator(evaluator, modelPredictors({ model, params: {} as TransfusionParams }));
  return {
    every,
    run: async ({ ema, step, directory, log }) => {
      const engine = createEngine(model, ema);
      const folder = join(directory, 'evaluations', `step-${String(step).padStart(8, '0')}`);
      const options = { subject: `${subject}, step ${step}`, folder, limit, predictor };
      try {
        for await (const evaluation of evaluateModel({ model, params: ema, engine }, [evaluator], options)) {
          const scalars = evaluation.metrics.map(
            ({ name, value }) => [`${evaluator.name}/${name}`, value] as const,
          );
          await log(Object.fromEntries(scalars));
          onEvaluation?.(step, evaluation);
        }
      } finally {
        engine.dispose();
      }
    },
  };
}
