/** Opens a recipe by its name on the command line: a built-in one's, or a file, which is executed. */
import { fileURLToPath } from 'node:url';
import { TransfusionError } from '@transfusion/errors';
import {
  defineRecipe,
  isRecipeFile,
  loadRecipeFile,
  nearestName,
  type Recipe,
  type RecipeOptions,
} from '@transfusion/runs';
import {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeOptions,
} from '@transfusion/runs-autoencoder';
import { builtInRecipes } from './built-in-recipes.js';

/** A recipe as the user named it. */
export interface RecipeReference {
  /** `emoji-pixels`, or a file's path. */
  readonly recipe: string;
  /** The data file for recipes that have none of their own. */
  readonly data?: string;
}

/** Emoji and their words are dependencies of this program. */
const dataFolder = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Opens the recipe of a Transfusion model.
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

/** Opens a recipe of any kind. @throws TransfusionError if there is no such recipe, or it has mistakes */
export async function openAnyRecipe({ recipe, data }: RecipeReference): Promise<Recipe | AutoencoderRecipe> {
  if (isRecipeFile(recipe)) {
    const { recipeModules } = await import('./recipe-modules.js');
    const options = await loadRecipeFile(recipe, recipeModules);
    return 'autoencoder' in options
      ? defineAutoencoderRecipe(options as AutoencoderRecipeOptions)
      : defineRecipe(options as RecipeOptions);
  }
  const builtIn = builtInRecipes.get(recipe);
  if (builtIn !== undefined) return builtIn.create({ resolveFrom: dataFolder, data });
  const names = [...builtInRecipes.keys()];
  const nearest = nearestName(recipe, names);
  throw new TransfusionError(
    'not-found',
    `There is no recipe '${recipe}'${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}. ` +
      `Built in are ${names.join(', ')}; anything else is a file that ends in .ts or .js.`,
  );
}

/** Returns true for a built-in recipe's name, or a recipe file. */
export function isRecipe(name: string): boolean {
  return isRecipeFile(name) || builtInRecipes.has(name);
}

/** Lists the built-in recipes, for help texts. */
export function recipeHelp(): string {
  const width = Math.max(...[...builtInRecipes.keys()].map((name) => name.length));
  const lines = [...builtInRecipes].map(
    ([name, { description }]) => `  ${name.padEnd(width)}  ${description}`,
  );
  return ['', 'Built-in recipes:', ...lines].join('\n');
}
