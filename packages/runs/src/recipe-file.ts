/** Loads a recipe from a TypeScript or JavaScript file, without a build step. The file's code is executed. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { checkEvaluator, type Evaluator } from '@transfusion/evaluators';
import { createJiti } from 'jiti';

/** Modules by import specifier, which a recipe file can import from anywhere on disk. */
export type RecipeModules = Readonly<Record<string, unknown>>;

/** Returns true for the path of a recipe file, false for a recipe's name. */
export function isRecipeFile(recipe: string): boolean {
  return /\.[cm]?[jt]s$/.test(recipe);
}

/**
 * Executes a recipe file and returns its export `recipe`, or its default export; a function is called. The result is not
 * validated: pass it to `defineRecipe`.
 *
 * @param modules modules that take precedence over installed packages, so that there is a single TensorFlow.js instance
 * @throws TransfusionError `not-found` if the file is missing, `invalid-file` if it throws or does not export a recipe
 */
export async function loadRecipeFile(path: string, modules: RecipeModules): Promise<object> {
  const value = await loadExport(path, 'recipe', modules);
  if (typeof value === 'object' && value !== null) return value;
  throw new TransfusionError(
    'invalid-file',
    `${path}: does not export a recipe. Write \`export const recipe = defineRecipe({ … })\`, or make it the default export.`,
  );
}

/**
 * Executes a file and returns its export `evaluators`, or its default export; a function is called.
 *
 * @param modules as for {@link loadRecipeFile}
 * @throws TransfusionError `not-found` if the file is missing, `invalid-file` if it throws or exports no evaluators,
 *   `invalid-plugin` for one with a wrong field
 */
export async function loadEvaluatorsFile(
  path: string,
  modules: RecipeModules,
): Promise<readonly Evaluator[]> {
  const value = await loadExport(path, 'evaluators', modules);
  if (!Array.isArray(value) || value.length === 0) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: does not export evaluators. Write \`export const evaluators = [ … ]\`, or a function that returns the list.`,
    );
  }
  value.forEach((evaluator: Evaluator) => checkEvaluator(evaluator));
  return value as readonly Evaluator[];
}

/** Executes a file and returns one of its exports, or the default one; a function is called. */
async function loadExport(path: string, name: string, modules: RecipeModules): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new TransfusionError('not-found', `${path}: there is no such file. Pass the path of a file.`);
  }
  const jiti = createJiti(file, {
    virtualModules: modules,
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
  });
  try {
    const exports = await jiti.import<Readonly<Record<string, unknown>>>(file);
    const exported = exports[name] ?? exports['default'];
    return typeof exported === 'function' ? ((await exported()) as unknown) : exported;
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
}
