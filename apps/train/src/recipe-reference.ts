/** What a recipe is called on the command line: a built-in one's name, or a file. */
import { isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TransfusionError } from '@transfusion/errors';
import { nearestName, type Recipe } from '@transfusion/runs';
import type { AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import { builtInRecipes } from './built-in-recipes.js';
import { loadRecipeFile } from './recipe-file.js';

/** A recipe as the user named it. */
export interface RecipeReference {
  /** `emoji-pixels`, or a file's path. */
  readonly recipe: string;
  /** The data file for recipes that have none of their own. */
  readonly data?: string;
}

/** Emoji and their words are dependencies of this program. */
const dataFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * The recipe of a Transfusion model.
 *
 * @throws TransfusionError if there is no such recipe, it has mistakes, or it is an autoencoder's
 */
export async function openRecipe(reference: RecipeReference): Promise<Recipe> {
  const recipe = await openAnyRecipe(reference);
  if (recipe.kind === 'transfusion') return recipe;
  throw new TransfusionError(
    'invalid-argument',
    `${reference.recipe} is the recipe of an autoencoder, which has no prompts: it is only trained.`,
  );
}

/** @throws TransfusionError if there is no such recipe, or it has mistakes */
export async function openAnyRecipe({ recipe, data }: RecipeReference): Promise<Recipe | AutoencoderRecipe> {
  if (isRecipeFile(recipe)) return loadRecipeFile(recipe);
  const builtIn = builtInRecipes.get(recipe);
  if (builtIn !== undefined) {
    return builtIn.create({ resolveFrom: dataFolder, data });
  }
  const names = [...builtInRecipes.keys()];
  const nearest = nearestName(recipe, names);
  throw new TransfusionError(
    'not-found',
    `There is no recipe '${recipe}'${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}. ` +
      `Built in are ${names.join(', ')}; anything else is a file that ends in .ts or .js.`,
  );
}

/** Whether it names a file rather than a built-in recipe. */
export function isRecipeFile(recipe: string): boolean {
  return /\.[cm]?[jt]s$/.test(recipe);
}

/** The same reference with its paths seen from a folder, or, the other way round, from here. */
export function referenceFrom(
  folder: string,
  reference: RecipeReference,
  to: 'folder' | 'here',
): RecipeReference {
  const move = (path: string): string => {
    if (to === 'folder') return relative(folder, resolve(path));
    return isAbsolute(path) ? path : relative('', resolve(folder, path));
  };
  const { recipe, data } = reference;
  return {
    recipe: isRecipeFile(recipe) ? move(recipe) : recipe,
    ...(data === undefined ? {} : { data: move(data) }),
  };
}

/** The list of built-in recipes, for help texts. */
export function recipeHelp(): string {
  const width = Math.max(...[...builtInRecipes.keys()].map((name) => name.length));
  const lines = [...builtInRecipes].map(
    ([name, { description }]) => `  ${name.padEnd(width)}  ${description}`,
  );
  return ['', 'Built-in recipes:', ...lines].join('\n');
}
