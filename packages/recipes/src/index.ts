export {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeOptions,
} from './autoencoder/autoencoder-recipe.js';
export { emojiAutoencoder, type EmojiAutoencoderOptions } from './autoencoder/emoji-autoencoder.js';
export { emojiVqAutoencoder } from './autoencoder/emoji-vq-autoencoder.js';
export { measureLatentStatistics } from './autoencoder/latent-statistics.js';
export { streamPictureBatches, type PictureBatchOptions } from './autoencoder/picture-batches.js';
export type { ReconstructionScores } from './autoencoder/reconstructions.js';
export {
  runAutoencoder,
  type AutoencoderRunEvent,
  type AutoencoderRunOptions,
  type AutoencoderRunResult,
} from './autoencoder/run-autoencoder.js';
export { builtInRecipes, type BuiltInRecipe, type BuiltInSettings } from './built-in-recipes.js';
export { createModel } from './create-model.js';
export { defineRecipe } from './define-recipe.js';
export { describeRun, type ModalityDescription, type RunDescription } from './describe-run.js';
export { emojiEditor } from './emoji-editor.js';
export { emojiTokens, type EmojiTokensOptions } from './emoji-tokens.js';
export { emojiPixels, type EmojiPixelsOptions } from './emoji-pixels.js';
export { emojiLatents, type EmojiLatentsOptions } from './emoji-latents.js';
export { emojiPairs, emojiSource, type EmojiSourceOptions } from './emoji-source.js';
export {
  findCheckpoint,
  loadModel,
  modelOfCheckpoint,
  type LoadedModel,
  type LoadModelOptions,
} from './load-model.js';
export { nearestName } from './nearest-name.js';
export { paper, paperMixture, paperSizes, type PaperOptions, type PaperSize } from './paper.js';
export { pictureGrid } from './picture-grid.js';
export type {
  OpenSources,
  Preparation,
  Recipe,
  RecipeOptimizer,
  RecipeOptions,
  SampleRequest,
} from './recipe.js';
export type { RunSettings } from './run-settings.js';
export { runRecipe, type RunEvent, type RunOptions, type RunResult } from './run-recipe.js';
export { textOnly, type TextOnlyOptions } from './text-only.js';
