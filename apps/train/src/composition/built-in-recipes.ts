/** The recipes that the command offers by name. */
import { emojiRecipes, type EmojiRecipeSettings } from '@transfusion/emoji';
import { builtInRecipes as genericRecipes, type BuiltInSettings } from '@transfusion/recipes';
import type { NamedRecipe, Recipe } from '@transfusion/runs';
import type { AutoencoderRecipe } from '@transfusion/runs-autoencoder';

/** All of them, by name. */
export const builtInRecipes: ReadonlyMap<
  string,
  NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings & BuiltInSettings>
> = new Map<string, NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings & BuiltInSettings>>([
  ...emojiRecipes,
  ...genericRecipes,
]);
