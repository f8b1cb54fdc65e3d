/** Finds the evaluators of a command: those of a file, of a recipe with their settings, or of a shipped model. */
import { existsSync } from 'node:fs';
import { nearestName, TransfusionError } from '@transfusion/errors';
import { loadEvaluatorsFile, type EvaluatorRun } from '@transfusion/runs';

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
 * @param runs names of shipped models, or paths
 * @throws TransfusionError `invalid-argument` if there are none, or none of a name
 */
export async function findEvaluators(
  runs: readonly string[],
  options: EvaluatorOptions,
): Promise<readonly EvaluatorRun[]> {
  const all = await listEvaluators(runs, options);
  const names = all.map(({ evaluator }) => evaluator.name);
  return [...new Set(options.only ?? names)].map((wanted) => {
    const found = all.find(({ evaluator }) => evaluator.name === wanted);
    if (found !== undefined) return found;
    const nearest = nearestName(wanted, names);
    throw new TransfusionError(
      'invalid-argument',
      `--only ${wanted}: there is no such evaluator${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}, expected some of ${names.join(', ')}.`,
    );
  });
}

async function listEvaluators(
  runs: readonly string[],
  { evaluators: file, recipe, data }: EvaluatorOptions,
): Promise<readonly EvaluatorRun[]> {
  if (file !== undefined) {
    const { recipeModules } = await import('../../composition/recipe-modules.js');
    return (await loadEvaluatorsFile(file, recipeModules)).map((evaluator) => ({ evaluator }));
  }
  if (recipe !== undefined) {
    const { openRecipe } = await import('../../composition/open-recipe.js');
    const { evaluators } = await openRecipe({ recipe, data });
    if (evaluators.length > 0) return evaluators;
  }
  const { shippedEvaluators } = await import('../../composition/shipped-evaluators.js');
  // A folder of that name is somebody's own.
  const shipped = runs.find((run) => shippedEvaluators.has(run) && !existsSync(run));
  if (shipped !== undefined) {
    return (await shippedEvaluators.get(shipped)!()).map((evaluator) => ({ evaluator }));
  }
  throw new TransfusionError(
    'invalid-argument',
    recipe === undefined
      ? `${runs.join(', ')}: found no evaluators. Pass --evaluators with a file that exports them, or --recipe with a recipe that has some.`
      : `the recipe '${recipe}' has no evaluators. Add \`evaluators: [{ every, evaluator }]\` to it, or pass --evaluators with a file that exports some.`,
  );
}
