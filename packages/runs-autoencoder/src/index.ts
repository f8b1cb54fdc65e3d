export {
  defineAutoencoderRecipe,
  type AutoencoderRecipe,
  type AutoencoderRecipeOptions,
} from './autoencoder-recipe.js';
export { measureLatentStatistics } from './latent-statistics.js';
export { streamImageBatches, type ImageBatchOptions } from './image-batches.js';
export type { ReconstructionScores } from './reconstructions.js';
export {
  runAutoencoder,
  type AutoencoderRunEvent,
  type AutoencoderRunOptions,
  type AutoencoderRunResult,
} from './run-autoencoder.js';
