/** Opens a recipe from the command line: a built-in one by its name, or a file, which is executed. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearestName, TransfusionError } from '@transfusion/errors';
import {
  defineRecipe,
  isRecipeFile,
  loadRecipeFile,
  type Recipe,
  type RecipeOptions,
} from '@transfusion/runs';
import {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeOptions,
} from '@transfusion/runs-autoencoder';
import { builtInRecipes } from './built-in-recipes.js';

/** A recipe as the user refers to it. */
export interface RecipeReference {
  /** Name of a built-in recipe, such as `emoji-pixels`, or the path of a recipe file. */
  readonly recipe: string;
  /** Data file for recipes without data of their own. */
  readonly data?: string;
}

/** Folders to search for the packages with emoji: the user's, then the command's own. */
const emojiFolders = (): string[] => [process.cwd(), dirname(fileURLToPath(import.meta.url))];

/**
 * Opens the recipe of a Transfusion model.
 *
 * @throws TransfusionError if the recipe does not exist, is invalid, or describes an autoencoder
 */
export async function openRecipe(reference: RecipeReference): Promise<Recipe> {
  const recipe = await openAnyRecipe(reference);
  if (recipe.kind === 'transfusion') return recipe;
  throw new TransfusionError(
    'invalid-argument',
    `${reference.recipe} is the recipe of an autoencoder, expected that of a Transfusion model. Autoencoders can only be trained.`,
  );
}

/**
 * Opens a recipe to train it, or to read its data.
 *
 * @throws TransfusionError as {@link openAnyRecipe}, and `invalid-argument` for one that lacks something
 */
export async function openTrainableRecipe(reference: RecipeReference): Promise<Recipe | AutoencoderRecipe> {
  const missing = builtInRecipes.get(reference.recipe)?.missing;
  if (missing !== undefined) throw new TransfusionError('invalid-argument', missing);
  return openAnyRecipe(reference);
}

/**
 * Opens a recipe of any kind.
 *
 * @throws TransfusionError if the recipe does not exist, is invalid, or would ignore `data`
 */
export async function openAnyRecipe({ recipe, data }: RecipeReference): Promise<Recipe | AutoencoderRecipe> {
  if (data !== undefined && isRecipe(recipe) && builtInRecipes.get(recipe)?.takesData !== true) {
    const takers = [...builtInRecipes.keys()].filter((name) => builtInRecipes.get(name)?.takesData === true);
    throw new TransfusionError(
      'invalid-argument',
      `--data ${data}: the recipe '${recipe}' has data of its own, expected ${takers.join(' or ')}. ` +
        'Omit --data, or write a recipe file that reads it.',
    );
  }
  if (isRecipeFile(recipe)) {
    const { recipeModules } = await import('./recipe-modules.js');
    const options = await loadRecipeFile(recipe, recipeModules);
    return 'autoencoder' in options
      ? defineAutoencoderRecipe(options as AutoencoderRecipeOptions)
      : defineRecipe(options as RecipeOptions);
  }
  const builtIn = builtInRecipes.get(recipe);
  if (builtIn !== undefined) return builtIn.create({ resolveFrom: emojiFolders(), data });
  const names = [...builtInRecipes.keys()];
  const nearest = nearestName(recipe, names);
  throw new TransfusionError(
    'not-found',
    `unknown recipe '${recipe}'${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}, expected one of ` +
      `${names.join(', ')}, or the path of a .ts or .js file.`,
  );
}

/** Returns true for the name of a built-in recipe, or the path of a recipe file. */
export function isRecipe(name: string): boolean {
  return isRecipeFile(name) || builtInRecipes.has(name);
}

/** Lists the built-in recipes, for the help of commands. */
export function recipeHelp(): string {
  const width = Math.max(...[...builtInRecipes.keys()].map((name) => name.length));
  const lines = [...builtInRecipes].map(
    ([name, { description }]) => `  ${name.padEnd(width)}  ${description}`,
  );
  return ['', 'Built-in recipes:', ...lines].join('\n');
}
