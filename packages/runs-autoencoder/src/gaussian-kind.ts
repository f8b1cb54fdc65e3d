import { createAutoencoder, gaussianBottleneck, writeAutoencoder } from '@transfusion/modality-image';
import type { AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { measureLatentStatistics } from './latent-statistics.js';

/** Number of training images whose latents are measured. */
const STATISTICS_IMAGES = 1024;

/** Makes the kind with a Gaussian latent; `readAutoencoder` reads what it writes, statistics included. */
export function gaussianKind(recipe: AutoencoderRecipe): AutoencoderKind {
  const autoencoder = createAutoencoder(recipe.autoencoder);
  return {
    bottleneck: gaussianBottleneck(autoencoder, recipe.loss),
    write: async (folder, params) => {
      const statistics = await measureLatentStatistics(recipe, autoencoder, params, STATISTICS_IMAGES);
      await writeAutoencoder(folder, { autoencoder, params, statistics });
    },
  };
}
