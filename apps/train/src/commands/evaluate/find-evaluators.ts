/** Finds the evaluators of a command: those of a file, of a recipe, or of a shipped model. */
import { nearestName, TransfusionError } from '@transfusion/errors';
import type { Evaluator } from '@transfusion/evaluators';
import { loadEvaluatorsFile } from '@transfusion/runs';

/** Options that say which evaluators. */
export interface EvaluatorOptions {
  readonly evaluators?: string;
  readonly recipe?: string;
  readonly data?: string;
  readonly only?: readonly string[];
}

/**
 * Finds evaluators.
 *
 * @param run name of a shipped model, or a path
 * @throws TransfusionError `invalid-argument` if there are none, or none of a name
 */
export async function findEvaluators(run: string, options: EvaluatorOptions): Promise<readonly Evaluator[]> {
  const all = await listEvaluators(run, options);
  const { only = all.map(({ name }) => name) } = options;
  return only.map((wanted) => {
    const found = all.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    const names = all.map(({ name }) => name);
    const nearest = nearestName(wanted, names);
    throw new TransfusionError(
      'invalid-argument',
      `--only ${wanted}: there is no such evaluator${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}, expected some of ${names.join(', ')}.`,
    );
  });
}

async function listEvaluators(
  run: string,
  { evaluators: file, recipe, data }: EvaluatorOptions,
): Promise<readonly Evaluator[]> {
  if (file !== undefined) {
    const { recipeModules } = await import('../../composition/recipe-modules.js');
    return loadEvaluatorsFile(file, recipeModules);
  }
  if (recipe !== undefined) {
    const { openRecipe } = await import('../../composition/open-recipe.js');
    const { evaluators } = await openRecipe({ recipe, data });
    if (evaluators.length > 0) return evaluators.map(({ evaluator }) => evaluator);
  }
  const { shippedEvaluators } = await import('../../composition/shipped-evaluators.js');
  const create = shippedEvaluators.get(run);
  if (create !== undefined) return create();
  throw new TransfusionError(
    'invalid-argument',
    recipe === undefined
      ? `${run}: found no evaluators. Pass --evaluators with a file that exports them, or --recipe with a recipe that has some.`
      : `the recipe '${recipe}' has no evaluators. Add \`evaluators: [{ every, evaluator }]\` to it, or pass --evaluators with a file that exports some.`,
  );
}
