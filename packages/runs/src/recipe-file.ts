/** Loads a recipe from a TypeScript or JavaScript file, without a build step. The file's code is executed. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { createJiti } from 'jiti';

/** Modules by name, which a recipe file imports wherever it lies: the program's own copies. */
export type RecipeModules = Readonly<Record<string, unknown>>;

/** Returns true for a path of a recipe file, rather than a recipe's name. */
export function isRecipeFile(recipe: string): boolean {
  return /\.[cm]?[jt]s$/.test(recipe);
}

/**
 * Executes a recipe file and returns what it exports as `recipe` or as its default; a function is called. The
 * result is not checked further: `defineRecipe` does.
 *
 * @param modules what the file may import besides its own packages, so that there is one TensorFlow.js
 * @throws TransfusionError `not-found` without the file, `invalid-file` if it does not run or exports no recipe
 */
export async function loadRecipeFile(path: string, modules: RecipeModules): Promise<object> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new TransfusionError(
      'not-found',
      `${path}: there is no such file. Give the path of a recipe file.`,
    );
  }
  const value = await exportedBy(file, path, modules);
  if (typeof value === 'object' && value !== null) return value;
  throw new TransfusionError(
    'invalid-file',
    `${path}: exports no recipe. Write \`export const recipe = defineRecipe({ … })\`, or make it the default export.`,
  );
}

async function exportedBy(file: string, path: string, modules: RecipeModules): Promise<unknown> {
  const jiti = createJiti(file, {
    virtualModules: modules,
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
  });
  try {
    const { default: byDefault, recipe } = await jiti.import<{ default?: unknown; recipe?: unknown }>(file);
    const exported = recipe ?? byDefault;
    return typeof exported === 'function' ? ((await exported()) as unknown) : exported;
  } catch (cause) {
    if (TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}`, { cause });
  }
}
