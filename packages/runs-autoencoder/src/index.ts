export {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeLoss,
  type AutoencoderRecipeOptions,
} from './autoencoder-recipe.js';
export { measureLatentStatistics } from './latent-statistics.js';
export { streamImageBatches, type ImageBatchOptions } from './image-batches.js';
export type { AutoencoderRunEvent, ReconstructionScores } from './run-event.js';
export { runAutoencoder, type AutoencoderRunOptions, type AutoencoderRunResult } from './run-autoencoder.js';
