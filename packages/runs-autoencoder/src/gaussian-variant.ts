import { createAutoencoder, gaussianBottleneck, writeAutoencoder } from '@transfusion/modality-image';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import type { AutoencoderVariant } from './autoencoder-variant.js';
import { measureLatentStatistics } from './latent-statistics.js';
import { fitTrainedPreview } from './trained-preview.js';

/** Number of training images to measure latent statistics on. */
const STATISTICS_IMAGES = 1024;

/** Number of training images to fit the preview of latents on. */
const PREVIEW_IMAGES = 256;

/** Creates the variant with a Gaussian latent. It writes weights, latent statistics and preview for `readAutoencoder`. */
export function gaussianVariant(recipe: AutoencoderRecipe): AutoencoderVariant {
  const autoencoder = createAutoencoder(recipe.autoencoder);
  return {
    bottleneck: gaussianBottleneck(autoencoder, recipe.loss),
    writeAutoencoder: async (folder, params) => {
      const statistics = await measureLatentStatistics(recipe, autoencoder, params, STATISTICS_IMAGES);
      const trained = { autoencoder, params, statistics };
      const preview = await fitTrainedPreview(recipe, trained, PREVIEW_IMAGES);
      await writeAutoencoder(folder, { ...trained, preview });
    },
  };
}
