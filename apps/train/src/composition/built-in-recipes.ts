/** The recipes that the CLI offers by name. */
import { emojiRecipes, type EmojiRecipeSettings } from '@transfusion/emoji';
import { builtInRecipes as recipesWithoutData, type BuiltInSettings } from '@transfusion/recipes';
import type { NamedRecipe, Recipe } from '@transfusion/runs';
import type { AutoencoderRecipe } from '@transfusion/runs-autoencoder';

/** All built-in recipes, by name. */
export const builtInRecipes: ReadonlyMap<
  string,
  NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings & BuiltInSettings>
> = new Map<string, NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings & BuiltInSettings>>([
  ...emojiRecipes,
  ...recipesWithoutData,
]);
